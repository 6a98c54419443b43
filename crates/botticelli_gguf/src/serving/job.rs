//! A response that waits for its turn.

use crate::grammar::Constraint;
use crate::output::{ReasoningTags, ToolCalls};
use crate::sampling::Sampling;
use botticelli_error::TimeoutKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One choice that waits for its turn.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) choice: u32,
    /// Number of choices of the request.
    pub(crate) choices: usize,
    /// Tokens of the prompt, at least one.
    pub(crate) prompt: Arc<[u32]>,
    pub(crate) max_tokens: Option<usize>,
    pub(crate) stop: Vec<String>,
    pub(crate) sampling: Sampling,
    pub(crate) tags: ReasoningTags,
    pub(crate) tools: Option<ToolCalls>,
    pub(crate) constraint: Option<Constraint>,
    pub(crate) deadlines: Vec<Deadline>,
}

/// The end of a timeout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) kind: TimeoutKind,
    pub(crate) limit: Duration,
    pub(crate) at: Instant,
}
