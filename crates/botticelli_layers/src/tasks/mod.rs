//! The tasks other than text generation as [verbs](crate::verb::Verb), and the traits of tasks for every layer.

pub(crate) mod call;
mod forward;
#[cfg(feature = "cache")]
mod sampling;
mod size;
mod table;

#[cfg(feature = "cache")]
pub(crate) use call::TaskRequest;
#[cfg(any(feature = "cache", feature = "cassette"))]
pub(crate) use call::{TaskResponse, TaskVerb};
pub(crate) use forward::{forward_tasks, implement_tasks};
#[cfg(feature = "cache")]
pub(crate) use sampling::Sampled;
#[cfg(any(feature = "budget", feature = "cassette", feature = "rate-limit"))]
pub(crate) use table::all_tasks;
pub(crate) use table::other_tasks;
