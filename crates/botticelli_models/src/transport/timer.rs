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
/// It stands still while we do not wait: a reader who pauses is never timed out. Starting it again leaves the sleep alone
/// that is under way; where that rings too early, what is left is slept on. So an event costs no timer of its own.
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

    /// We wait from now on, unless we do already.
    pub fn resume(&mut self, now: Instant) {
        self.waiting_since.get_or_insert(now);
    }

    /// Something came: we wait no more, until we ask again. No more than `longest` counts as waiting: who came back later
    /// than that had not been waiting, but doing something else.
    pub fn pause(&mut self, now: Instant, longest: Duration) {
        if let Some(since) = self.waiting_since.take() {
            let waited = now.saturating_duration_since(since).min(longest);
            self.spent = self.spent.saturating_add(waited);
        }
    }

    /// The limit, if there is one.
    pub fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// The error, when time is up.
    pub fn expired(&self, now: Instant) -> Option<BotticelliError> {
        let limit = self.limit?;
        let waiting = self.waiting_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        (self.spent.saturating_add(waiting) >= limit).then(|| {
            let kind = HttpErrorKind::Timeout { clock: self.which, limit };
            HttpError::new(kind, &*self.host).into()
        })
    }

    /// We wait: ready with the error when time is up; otherwise the task is woken when it may be.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<BotticelliError> {
        let Some(limit) = self.limit else { return Poll::Pending };
        loop {
            let now = self.clock.now();
            self.resume(now);
            if let Some(error) = self.expired(now) {
                self.sleep = None;
                return Poll::Ready(error);
            }
            let waiting =
                self.waiting_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
            let left = limit.saturating_sub(self.spent).saturating_sub(waiting);
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
