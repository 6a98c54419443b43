//! The result of a run.

use botticelli_error::BotticelliError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The result of a run.
///
/// A run that stops early returns a report, not an error: its answers are kept, and the same run continues later. Check
/// [`is_complete`](Self::is_complete), or use [`into_complete`](Self::into_complete).
#[derive(Clone, Debug)]
#[must_use = "a run may stop early"]
#[non_exhaustive]
pub struct BatchReport {
    /// Rows of the table, or of the shard.
    pub rows: u64,
    /// Rows with an answer.
    pub answered: u64,
    /// Rows that failed, including invalid rows of the input.
    pub failed: u64,
    /// Failed rows without a request: they cannot be read, or lack a column. A retry does not help them.
    pub invalid: u64,
    /// Answered rows whose answer reached the token limit, and may be incomplete. The column `finish_reason` has `length` for them.
    pub cut: u64,
    /// Rows that wait for a later run, because this one stopped early.
    pub unanswered: u64,
    /// Rows whose answer or failure the journal had at the start.
    pub cached: u64,
    /// Requests with an answer or a failure in this run. Equal rows share a request.
    pub requests: u64,
    /// Prompt tokens of this run.
    pub prompt_tokens: u64,
    /// Completion tokens of this run.
    pub completion_tokens: u64,
    /// Known cost of this run in nano-dollars (10⁻⁹ USD).
    pub nano_dollars: u64,
    /// Answers, and failures with tokens, of this run whose cost is unknown.
    pub unknown_costs: u64,
    /// Known cost of this run and of those that it continued, in nano-dollars (10⁻⁹ USD).
    pub total_nano_dollars: u64,
    /// Cost of the unanswered rows in nano-dollars (10⁻⁹ USD), at the average of the answers so far. `None` if the run is complete, or if
    /// no cost is known.
    pub remaining_nano_dollars: Option<u64>,
    /// Reason of an early end. `None` for a complete run.
    pub stop: Option<StopReason>,
    /// File with the output. A run that stopped early writes to another name: `labels.partial.jsonl`. `None` after an abort.
    pub output: Option<PathBuf>,
    /// Journal, with which a later run continues.
    pub journal: PathBuf,
    /// Duration of the run.
    pub elapsed: Duration,
}

/// The reason why a run stopped early.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StopReason {
    /// A [`StopHandle`](crate::StopHandle) stopped the run, and the calls in flight ended.
    Requested,
    /// A [`StopHandle`](crate::StopHandle) stopped the run at once.
    Aborted,
    /// An error that concerns every row: the budget, the credits, the token, the model.
    Failed(BotticelliError),
    /// The service failed for longer than the run waits. The error is the last one.
    SustainedFailures(BotticelliError),
}

impl BatchReport {
    /// Returns whether every row has an answer or a failure, and the output is written.
    pub fn is_complete(&self) -> bool {
        self.stop.is_none()
    }

    /// Returns the path of the output of a run that did not stop early.
    pub fn output(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Returns the report of a complete run.
    ///
    /// # Errors
    ///
    /// The error that stopped the run early, or a [`DataError`](botticelli_error::DataError) if a [`StopHandle`](crate::StopHandle) did.
    pub fn into_complete(self) -> Result<Self, BotticelliError> {
        match &self.stop {
            None => Ok(self),
            Some(StopReason::Failed(error) | StopReason::SustainedFailures(error)) => {
                Err(error.clone().with_note(self.to_string()))
            }
            Some(StopReason::Requested | StopReason::Aborted) => {
                use botticelli_error::{DataError, DataErrorKind};
                let reason = format!("the run was stopped: {self}");
                let place = self.journal.display().to_string();
                Err(DataError::new("journal", place, DataErrorKind::Failed { reason }).into())
            }
        }
    }
}

/// One line: `98 of 100 rows answered, 2 failed, $0.0123`.
impl fmt::Display for BatchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} rows answered, {} failed", self.answered, self.rows, self.failed)?;
        if self.cut > 0 {
            write!(f, ", {} cut at the token limit", self.cut)?;
        }
        if self.unanswered > 0 {
            write!(f, ", {} left", self.unanswered)?;
        }
        let cost = botticelli_core::Usd::from_nano_dollars(self.nano_dollars);
        write!(f, ", {cost}")?;
        if self.unknown_costs > 0 {
            write!(f, " and {} unknown costs", self.unknown_costs)?;
        }
        match self.remaining_nano_dollars {
            Some(rest) => write!(f, " (the rest may cost {})", botticelli_core::Usd::from_nano_dollars(rest)),
            None => Ok(()),
        }
    }
}
