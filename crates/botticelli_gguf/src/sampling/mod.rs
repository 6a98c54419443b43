//! The choice of the next token.

mod log_probability;
mod random;
mod sampler;
mod settings;

pub(crate) use sampler::{Sampled, Sampler};
pub(crate) use settings::Sampling;
