//! Text completion, for base models and for all others: in the manner of `OpenAI`, and in that of
//! text-generation-inference.

mod completions;
mod generate;
mod going_on;
mod parameters;
mod served;

pub(crate) use completions::complete;
pub(crate) use generate::generate;
