//! Serving: one thread decodes all responses together, one token of each per step.
//!
//! A response that is not read pauses. A response that is dropped ends within one step.

mod engine;
mod event;
mod job;
mod response_stream;
mod sequence;
mod shared;
mod slots;
mod worker;

pub(crate) use engine::{Engine, EngineLimits};
pub(crate) use job::{Deadline, Job};
pub(crate) use response_stream::{ResponseMetadata, ResponseStream};
