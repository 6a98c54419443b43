//! The same answer in the words of different servers, one file each.
//!
//! The structs repeat one another on purpose: the order of the fields, which of them are null
//! and which are missing is what a dialect consists of.

mod cerebras;
mod dialect;
mod event;
mod logprobs;
mod reasoning;
mod router;
mod text;
mod tgi2;
mod tgi3;
mod together;
mod tool_calls;
mod usage;

pub(crate) use logprobs::logprob;

pub use dialect::{Dialect, UnknownDialect};
