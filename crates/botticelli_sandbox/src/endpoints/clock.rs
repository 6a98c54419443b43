//! The time of endpoints.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Function that returns the time since any fixed point.
#[derive(Clone)]
pub(crate) struct SandboxClock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl SandboxClock {
    pub(crate) fn new(clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(clock))
    }

    pub(super) fn now(&self) -> Duration {
        (self.0)()
    }
}

impl Default for SandboxClock {
    fn default() -> Self {
        let start = Instant::now();
        Self::new(move || start.elapsed())
    }
}

impl fmt::Debug for SandboxClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SandboxClock")
    }
}
