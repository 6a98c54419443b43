//! One sleep that follows the next event.

use botticelli_interface::Clock;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Returns the time after a wait. A wait that is longer than the clock can count becomes a year.
pub(super) fn after(now: Instant, wait: Duration) -> Instant {
    const LONGEST: Duration = Duration::from_secs(365 * 86_400);
    now + wait.min(LONGEST)
}

/// A sleep until a time that may change.
pub(super) struct Timer {
    clock: Arc<dyn Clock>,
    until: Option<Instant>,
    sleep: Option<(Instant, BoxFuture<'static, ()>)>,
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("until", &self.until).finish_non_exhaustive()
    }
}

impl Timer {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, until: None, sleep: None }
    }

    /// Sets the time. `None` is never.
    pub(super) fn set(&mut self, until: Option<Instant>) {
        self.until = until;
        let Some(until) = until else { return };
        // A sleep that ends earlier is kept: its end is one wakeup too many.
        if self.sleep.as_ref().is_none_or(|(end, _)| *end > until) {
            let wait = until.saturating_duration_since(self.clock.now());
            self.sleep = Some((until, self.clock.sleep(wait)));
        }
    }

    /// Waits for the end of the sleep.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some((_, sleep)) = &mut self.sleep else { return Poll::Pending };
        if sleep.poll_unpin(context).is_pending() {
            return Poll::Pending;
        }
        self.sleep = None;
        Poll::Ready(())
    }
}
