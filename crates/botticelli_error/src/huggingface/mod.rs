//! The errors of Hugging Face, and of servers with the same API.

mod advice;
mod kind;
mod message;

pub use kind::HuggingFaceErrorKind;
