//! The progress of a run.

use botticelli_core::Usd;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The progress of a run, as its observer sees it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct BatchProgress {
    /// Rows with an answer, including those from the journal.
    pub answered: u64,
    /// Rows that failed.
    pub failed: u64,
    /// Rows whose answer the journal had at the start of the run.
    pub cached: u64,
    /// Number of rows in the run. `None` until it is counted.
    pub total: Option<u64>,
    /// Prompt tokens of this run and of those that it continues.
    pub prompt_tokens: u64,
    /// Completion tokens of this run and of those that it continues.
    pub completion_tokens: u64,
    /// Known cost of this run and of those that it continues, in nano-dollars (10⁻⁹ USD).
    pub nano_dollars: u64,
    /// Cost of the whole table in nano-dollars (10⁻⁹ USD), at the average of the answers so far. `None` without a total.
    pub projected_nano_dollars: Option<u64>,
    /// Rows per second since the start of this run, without those from the journal.
    pub rows_per_second: f64,
    /// Time since the start of this run.
    pub elapsed: Duration,
    /// Time until the end, at the present speed. `None` without a total or an answer.
    pub time_left: Option<Duration>,
    /// Calls in flight.
    pub in_flight: usize,
    /// Maximum number of calls in flight.
    pub concurrency: usize,
    /// `true` while the run waits for a failing service.
    pub is_paused: bool,
    /// The latest failure of the service, while the run waits for it.
    pub pause_cause: Option<String>,
}

impl BatchProgress {
    /// Returns the number of rows with an answer or a failure.
    pub fn done(&self) -> u64 {
        self.answered + self.failed
    }
}

/// One line: `98 of 1000 rows, 2 failed, $0.0123, 16 calls in flight, 31.5 rows/s, 29 s left`.
impl fmt::Display for BatchProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.done())?;
        if let Some(total) = self.total {
            write!(f, " of {total}")?;
        }
        write!(f, " rows, {} failed, {}", self.failed, Usd::from_nano_dollars(self.nano_dollars))?;
        if self.is_paused {
            f.write_str(", paused")?;
            return self.pause_cause.as_ref().map_or(Ok(()), |cause| write!(f, " after a failure: {cause}"));
        }
        write!(f, ", {} calls in flight, {:.1} rows/s", self.in_flight, self.rows_per_second)?;
        match self.time_left {
            Some(left) => write!(f, ", {} s left", left.as_secs()),
            None => Ok(()),
        }
    }
}

/// A function that sees the progress of a run.
#[derive(Clone)]
pub(crate) struct Observer(Arc<dyn Fn(&BatchProgress) + Send + Sync>);

impl Observer {
    pub(crate) fn new(observe: impl Fn(&BatchProgress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    pub(crate) fn observe(&self, progress: &BatchProgress) {
        (self.0)(progress);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
