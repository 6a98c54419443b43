//! A clock that runs out.

use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, TimeoutClock};
use botticelli_interface::Clock;
use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// One of the clocks that run while we wait for a server.
///
/// It stands still while we do not wait: a reader who pauses is never timed out. Starting it again moves no timer: the
/// sleep that is under way is kept, and slept on where it rings too early. So a stream of many events costs no timer an
/// event.
pub struct Timer {
    clock: Arc<dyn Clock>,
    host: Arc<str>,
    which: TimeoutClock,
    limit: Option<Duration>,
    /// How long we have waited before the wait that is under way.
    spent: Duration,
    /// Since when we wait; `None` while we do not.
    waiting_since: Option<Instant>,
    sleep: Option<BoxFuture<'static, ()>>,
}

impl Timer {
    /// The clock `which`, which lets us wait for `host` for `limit`, of which `spent` is used up. It runs from the first
    /// wait on.
    pub fn new(
        clock: Arc<dyn Clock>,
        host: Arc<str>,
        which: TimeoutClock,
        limit: Option<Duration>,
        spent: Duration,
    ) -> Self {
        Self { clock, host, which, limit, spent, waiting_since: None, sleep: None }
    }

    /// Starts again, as the clock `which`.
    pub fn restart(&mut self, which: TimeoutClock, limit: Option<Duration>) {
        // With the same limit a sleep under way rings too early at worst; with another, it might ring too late.
        if self.limit != limit {
            self.sleep = None;
        }
        self.which = which;
        self.limit = limit;
        self.spent = Duration::ZERO;
        self.waiting_since = None;
    }

    /// Something came: we wait no more, until we ask again.
    pub fn pause(&mut self) {
        if let Some(since) = self.waiting_since.take() {
            self.spent = self.spent.saturating_add(self.clock.now().saturating_duration_since(since));
        }
    }

    /// We wait: ready with the error when time is up; otherwise the task is woken when it may be.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<BotticelliError> {
        let Some(limit) = self.limit else {
            return Poll::Pending;
        };
        loop {
            let now = self.clock.now();
            let since = *self.waiting_since.get_or_insert(now);
            let waited = self.spent.saturating_add(now.saturating_duration_since(since));
            let Some(left) = limit.checked_sub(waited).filter(|left| !left.is_zero()) else {
                self.sleep = None;
                let kind = HttpErrorKind::Timeout { clock: self.which, limit };
                return Poll::Ready(HttpError::new(kind, &*self.host).into());
            };
            let sleep = self.sleep.get_or_insert_with(|| self.clock.sleep(left));
            match sleep.as_mut().poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => self.sleep = None,
            }
        }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer")
            .field("which", &self.which)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
