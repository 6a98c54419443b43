//! Limits that the caller sets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A limit that the caller set, and that ended the work early.
///
/// Not retried: the same limit is reached again. The finished part of the work comes with the error, for example in a
/// `ToolRunError`.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct LimitError {
    kind: LimitErrorKind,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitErrorKind {
    /// The run has used all its turns, and the model still calls tools.
    Turns {
        /// Maximum number of turns.
        limit: u32,
    },
    /// The run has used its budget, or the next turn may exceed it. All amounts are in nano-dollars (10⁻⁹ USD).
    Cost {
        /// Maximum cost.
        limit: u64,
        /// Cost so far.
        spent: u64,
        /// Estimated cost of the next turn, if it is known.
        next: Option<u64>,
    },
    /// The cost of a response is unknown, so a cost limit cannot be enforced.
    UnknownCost {
        /// Maximum cost, in nano-dollars (10⁻⁹ USD).
        limit: u64,
    },
    /// The call would wait longer for a rate limit than its deadline allows. Nothing was sent. Retryable after the wait.
    Rate {
        /// Unit of the limit: `requests per minute`.
        unit: &'static str,
        /// Maximum amount.
        limit: u64,
        /// Time until the call can be sent.
        wait: Duration,
    },
}

impl LimitError {
    /// Returns an error of this `kind`.
    pub fn new(kind: LimitErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Returns the error with its source.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the limit that was reached.
    pub fn kind(&self) -> LimitErrorKind {
        self.kind
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> &'static str {
        match self.kind {
            LimitErrorKind::Turns { .. } => "Continue from the messages of the run, or allow more turns.",
            LimitErrorKind::Cost { .. } => "Continue from the messages of the run, or allow a higher cost.",
            LimitErrorKind::UnknownCost { .. } => {
                "Remove the cost limit, or use a model with a price in the catalog."
            }
            LimitErrorKind::Rate { .. } => "Send it later, allow more time, or raise the limit.",
        }
    }

    fn sentence(&self) -> String {
        let what = match self.kind {
            LimitErrorKind::Turns { limit: 0 } => "a limit of 0 turns allows no request".to_owned(),
            LimitErrorKind::Turns { limit } => {
                let turns = if limit == 1 { "turn" } else { "turns" };
                format!("the limit of {limit} {turns} is reached, and the model still calls tools")
            }
            LimitErrorKind::Cost { limit, spent, next: None } => {
                format!("the cost limit of {} is reached ({} is spent)", Dollars(limit), Dollars(spent))
            }
            LimitErrorKind::Cost { limit, spent, next: Some(next) } => format!(
                "the next turn may cost {} and exceed the cost limit of {} ({} is spent)",
                Dollars(next),
                Dollars(limit),
                Dollars(spent)
            ),
            LimitErrorKind::UnknownCost { limit } => format!(
                "the cost limit of {} cannot be enforced, because the cost of the last response is unknown",
                Dollars(limit)
            ),
            LimitErrorKind::Rate { unit, limit, wait } => format!(
                "the limit of {limit} {unit} delays the call by {} s, which is beyond its deadline",
                wait.as_secs().max(1)
            ),
        };
        format!("{what}. {}", self.advice())
    }
}

/// An amount of nano-dollars, displayed in dollars.
struct Dollars(u64);

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}
