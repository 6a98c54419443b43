//! Text completion, for base models and for all others: in the manner of `OpenAI`, and in that of
//! text-generation-inference.

mod completions;
mod continuation;
mod generate;
mod parameters;
mod resolve;

pub(crate) use completions::complete;
pub(crate) use generate::generate;
