//! The history of a typed response: modes, repairs and costs.

use super::totals::Totals;
use super::{TypedMode, Violation};
use botticelli_error::BotticelliError;

/// The calls that led to a typed response or to an error.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) mode: Option<TypedMode>,
    pub(super) fallbacks: Vec<Fallback>,
    pub(super) repairs: Vec<Repair>,
    /// The number of requests that were sent a second time, because the model failed.
    pub(super) second_attempts: usize,
    pub(super) totals: Totals,
}

/// A mode that the service rejected, or in which the model failed twice.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fallback {
    /// The mode.
    pub mode: TypedMode,
    /// The error, after which the next mode was tried.
    pub error: BotticelliError,
}

/// A response that did not match the schema, and that the model had to repair.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repair {
    /// The output of the model.
    pub written: String,
    /// The first violations of the schema.
    pub violations: Vec<Violation>,
}
