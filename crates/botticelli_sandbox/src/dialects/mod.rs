//! Response formats of different servers, one file each.
//!
//! The structs repeat one another on purpose: a dialect consists of the order of its fields, and of
//! which fields are null or omitted.

mod cerebras;
mod dialect;
mod event;
mod logprobs;
mod reasoning;
mod render;
mod router;
mod text;
mod tgi2;
mod tgi3;
mod together;
mod tool_calls;
mod usage;

pub(crate) use logprobs::logprob;

pub use dialect::{Dialect, UnknownDialect};
