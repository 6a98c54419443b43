//! Text completion for base and chat models, in the `OpenAI` format and in the native format of
//! text-generation-inference.

mod completions;
mod continuation;
mod generate;
mod parameters;
mod resolve;

pub(crate) use completions::complete;
pub(crate) use generate::generate;
