//! The progress of a job.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The progress of a job at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobProgress {
    status: String,
    elapsed: Duration,
}

impl JobProgress {
    pub(super) fn new(status: &str, elapsed: Duration) -> Self {
        Self { status: status.chars().take(80).collect(), elapsed }
    }

    /// Returns the provider's word for the state of the job, such as `IN_QUEUE`.
    pub fn status(&self) -> &str {
        &self.status
    }

    /// Returns the time since the call started.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// Callback for every poll of a job. The observer runs inside the call, so it should return at once.
#[derive(Clone)]
pub struct JobObserver(Arc<dyn Fn(&JobProgress) + Send + Sync>);

impl JobObserver {
    pub(super) fn notify(&self, progress: &JobProgress) {
        (self.0)(progress);
    }
}

impl<F: Fn(&JobProgress) + Send + Sync + 'static> From<F> for JobObserver {
    fn from(callback: F) -> Self {
        Self(Arc::new(callback))
    }
}

impl fmt::Debug for JobObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JobObserver")
    }
}
