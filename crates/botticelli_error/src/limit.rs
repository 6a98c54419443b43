//! A limit of the caller's own was reached.

use std::fmt;
use std::sync::Arc;

/// A limit that the caller set was reached, so the work was ended before it was done.
///
/// Not retried: the same limit is reached again. What had been done is kept by whoever gives this error out.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct LimitError {
    kind: LimitErrorKind,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitErrorKind {
    /// So many turns were taken, and the model still calls tools.
    Turns {
        /// The most turns that were allowed.
        limit: u32,
    },
    /// So much was spent, or the next turn may take it over the limit. In whole nano-dollars (10⁻⁹ USD).
    Cost {
        /// The most that was allowed.
        limit: u64,
        /// What was spent.
        spent: u64,
        /// What the next turn may cost, where that is known.
        next: Option<u64>,
    },
    /// Nobody knows what an answer cost, so a limit of the cost cannot be kept.
    UnknownCost {
        /// The most that was allowed, in whole nano-dollars (10⁻⁹ USD).
        limit: u64,
    },
}

impl LimitError {
    /// The limit `kind` was reached.
    pub fn new(kind: LimitErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Keeps the error underneath.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Which limit was reached.
    pub fn kind(&self) -> LimitErrorKind {
        self.kind
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self.kind {
            LimitErrorKind::Turns { .. } => "go on from the messages of the run, or allow more turns",
            LimitErrorKind::Cost { .. } => "go on from the messages of the run, or allow a higher cost",
            LimitErrorKind::UnknownCost { .. } => {
                "leave the limit of the cost out, or ask a model whose price the catalogue knows"
            }
        }
    }

    fn sentence(&self) -> String {
        let what = match self.kind {
            LimitErrorKind::Turns { limit: 0 } => "the limit of 0 turns allows nothing to be sent".to_owned(),
            LimitErrorKind::Turns { limit } => {
                let turns = if limit == 1 { "turn" } else { "turns" };
                format!("the limit of {limit} {turns} is reached, and the model still calls tools")
            }
            LimitErrorKind::Cost { limit, spent, next: None } => {
                format!("the cost limit of {} is reached, {} is spent", Dollars(limit), Dollars(spent))
            }
            LimitErrorKind::Cost { limit, spent, next: Some(next) } => format!(
                "the next turn may cost {}, which is over the cost limit of {} ({} is spent)",
                Dollars(next),
                Dollars(limit),
                Dollars(spent)
            ),
            LimitErrorKind::UnknownCost { limit } => format!(
                "nobody knows what the last answer cost, so the cost limit of {} cannot be kept",
                Dollars(limit)
            ),
        };
        format!("{what}: {}", self.advice())
    }
}

/// Nano-dollars, in dollars.
struct Dollars(u64);

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}
