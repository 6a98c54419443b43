//! The timeouts of one attempt.

use super::{AttemptTimeouts, TimeSpent, runtime};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, TimeoutKind};
use botticelli_interface::Clock;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Tolerance for late polls, as timers are not exact. A wait that is polled even later counts as the caller's delay.
const LATE: Duration = Duration::from_millis(100);

/// The timeouts of one attempt: one for its current phase, one between events, and one for the whole call.
///
/// They run while the driver waits for the server and pause while the caller is busy, so a slow reader never times out. The time
/// is read when there is nothing to read, not when an event arrives. One sleep serves all three timeouts: it is kept when a
/// timeout restarts, and extended if it ends too early. An event therefore needs no new timer.
///
/// A task may be polled late. Then an overdue wait does not count if there are bytes to read. Otherwise the runtime gets a
/// moment to deliver the bytes in the socket.
pub(crate) struct TimeoutTracker {
    phase: Allowance,
    /// Between events. Comments and empty events do not reset it.
    keep_alive: Allowance,
    total: Allowance,
    /// Set once the stream has begun, so that the phase is the idle timeout.
    is_idle: bool,
    /// Start of the current wait; `None` while the caller is busy.
    waiting_since: Option<Instant>,
    lateness: Lateness,
    /// A sleep that ends no later than the first timeout.
    alarm: Option<BoxFuture<'static, ()>>,
    clock: Arc<dyn Clock>,
    host: Arc<str>,
    place: Place,
}

/// Facts about the current wait that matter if it is polled late.
#[derive(Clone, Copy, Debug, Default)]
struct Lateness {
    /// Set if there was nothing to read. The driver then waits for the server.
    is_pending: bool,
    /// Set if the wait was extended because it was polled late.
    is_lengthened: bool,
    /// Set once a response that arrived together with its deadline was accepted. A second one is not.
    has_excused: bool,
}

/// The runtimes that poll an attempt.
struct Place {
    /// The runtime that has the connection.
    home: Option<Handle>,
    /// The runtime of the last poll.
    here: Option<runtime::Id>,
    /// A check of the first runtime, if the second is another one.
    check: Option<BoxFuture<'static, runtime::State>>,
}

/// Limit of one timeout, and the time it has used before the current wait.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    which: TimeoutKind,
    limit: Option<Duration>,
    spent: Duration,
}

impl Allowance {
    fn new(which: TimeoutKind, limit: Option<Duration>) -> Self {
        Self { which, limit, spent: Duration::ZERO }
    }

    fn is_over(&self) -> bool {
        self.limit.is_some_and(|limit| self.spent >= limit)
    }

    /// Returns the time left after another wait; `None` without a limit.
    fn left(&self, waited: Duration) -> Option<Duration> {
        Some(self.limit?.saturating_sub(self.spent).saturating_sub(waited))
    }
}

impl TimeoutTracker {
    /// Returns the timeouts of an attempt to reach `host`. The timeouts start with the first wait.
    pub(crate) fn new(clock: &Arc<dyn Clock>, host: &Arc<str>, timeouts: AttemptTimeouts) -> Self {
        let (total, limit) = timeouts.total;
        let TimeSpent { elapsed, waited } = timeouts.spent;
        let first_token = Allowance::new(TimeoutKind::FirstToken, timeouts.first_token);
        Self {
            phase: Allowance { spent: waited, ..first_token },
            keep_alive: Allowance::new(TimeoutKind::KeepAlive, None),
            total: Allowance { spent: elapsed, ..Allowance::new(total, limit) },
            is_idle: false,
            waiting_since: None,
            lateness: Lateness::default(),
            alarm: None,
            clock: clock.clone(),
            host: host.clone(),
            place: Place::new(),
        }
    }

    /// Returns whether a stream has begun, which means that its first event has arrived.
    pub(crate) fn has_begun(&self) -> bool {
        self.is_idle
    }

    /// Restarts the idle timeout after bytes without an event for the caller.
    pub(crate) fn restart_idle(&mut self, idle: Option<Duration>) {
        if self.waiting_since.is_some() {
            let now = self.clock.now();
            self.count(now);
            self.waiting_since = Some(now);
        }
        self.is_idle = true;
        self.restart(|tracker| &mut tracker.phase, TimeoutKind::Idle, idle);
    }

    /// Restarts the idle and keep-alive timeouts after an event for the caller.
    pub(crate) fn record_event(&mut self, idle: Option<Duration>, keep_alive: Option<Duration>) {
        self.pause();
        self.is_idle = true;
        self.restart(|tracker| &mut tracker.phase, TimeoutKind::Idle, idle);
        self.restart(|tracker| &mut tracker.keep_alive, TimeoutKind::KeepAlive, keep_alive);
    }

    /// Limits the rest of a complete response to `grace`, whatever bytes arrive.
    pub(crate) fn limit_rest(&mut self, grace: Duration) {
        self.restart_idle(Some(grace));
        self.restart(|tracker| &mut tracker.keep_alive, TimeoutKind::KeepAlive, Some(grace));
    }

    /// Pauses all timeouts while the caller is busy. The timeouts continue with the next wait.
    pub(crate) fn pause(&mut self) {
        // The next event restarts the idle and keep-alive timeouts. If no other runs, the time is not needed.
        if self.waiting_since.is_some() && (self.total.limit.is_some() || !self.is_idle) {
            self.count(self.clock.now());
        }
        self.waiting_since = None;
    }

    /// Continues to wait after bytes without an event for the caller.
    ///
    /// # Errors
    ///
    /// An expired timeout. If the server sends without a pause, the driver never waits, and only this check sees the timeout. The
    /// idle timeout is not checked, because bytes did arrive.
    pub(crate) fn check(&mut self) -> Result<(), BotticelliError> {
        let now = self.clock.now();
        self.count(now);
        self.waiting_since = Some(now);
        let first_token = (!self.is_idle).then_some(&self.phase);
        let mut others = first_token.into_iter().chain([&self.keep_alive, &self.total]);
        match others.find(|timeout| timeout.is_over()) {
            Some(timeout) => Err(self.expired(*timeout)),
            None => Ok(()),
        }
    }

    /// Adds the current wait, which has ended with bytes to read. It counts at most the limit of the phase: a longer pause means
    /// that the task was busy elsewhere.
    fn count(&mut self, now: Instant) {
        let Some(since) = self.waiting_since else { return };
        let waited = now.saturating_duration_since(since);
        if std::mem::take(&mut self.lateness.is_pending) && self.is_excused(waited) {
            return;
        }
        let waited = waited.min(self.phase.limit.unwrap_or(Duration::MAX));
        for timeout in [&mut self.phase, &mut self.keep_alive, &mut self.total] {
            timeout.spent = timeout.spent.saturating_add(waited);
        }
    }

    /// Returns whether the wait had expired before it was polled. In that case the arrival time of the bytes is unknown.
    fn is_excused(&mut self, waited: Duration) -> bool {
        self.lateness.is_lengthened = false;
        match self.soonest() {
            Some((left, _)) if waited > left.saturating_add(LATE) => true,
            Some((left, _)) if waited >= left => !std::mem::replace(&mut self.lateness.has_excused, true),
            _ => false,
        }
    }

    /// Returns the timeout that expires first, and its time left at the start of the current wait.
    fn soonest(&self) -> Option<(Duration, Allowance)> {
        let timeouts = [&self.phase, &self.keep_alive, &self.total];
        let left = timeouts.into_iter().filter_map(|timeout| Some((timeout.left(Duration::ZERO)?, *timeout)));
        left.min_by_key(|(left, _)| *left)
    }

    /// Waits for a timeout. Ready with the error when one has expired; otherwise wakes the task when one may have.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<BotticelliError> {
        if self.place.has_moved() {
            // A sleep of another runtime may never end.
            self.alarm = None;
            if let Err(error) = self.place.follow(&self.clock) {
                return Poll::Ready(error);
            }
        }
        if let Some(check) = &mut self.place.check
            && let Poll::Ready(state) = check.as_mut().poll(cx)
        {
            self.place.check = None;
            if state == runtime::State::Stalled {
                return Poll::Ready(runtime::stalled());
            }
        }
        loop {
            let now = self.clock.now();
            let since = *self.waiting_since.get_or_insert_with(|| {
                (self.lateness.is_pending, self.lateness.is_lengthened) = (false, false);
                now
            });
            if let Some(alarm) = &mut self.alarm {
                if alarm.as_mut().poll(cx).is_pending() {
                    self.lateness.is_pending = true;
                    return Poll::Pending;
                }
                self.alarm = None;
            }
            let waited = now.saturating_duration_since(since);
            let Some((limit, soonest)) = self.soonest() else {
                self.lateness.is_pending = true;
                return Poll::Pending;
            };
            let left = limit.saturating_sub(waited);
            self.alarm = Some(self.clock.sleep(if left.is_zero() {
                let is_late = self.lateness.is_pending && waited > limit.saturating_add(LATE);
                if !is_late || std::mem::replace(&mut self.lateness.is_lengthened, true) {
                    return Poll::Ready(self.expired(soonest));
                }
                LATE
            } else {
                left
            }));
        }
    }

    /// Restarts a timeout. The current sleep stays if the limit is the same, because it can only end too early.
    fn restart(&mut self, of: fn(&mut Self) -> &mut Allowance, which: TimeoutKind, limit: Option<Duration>) {
        let timeout = of(self);
        let is_same = timeout.limit == limit;
        *timeout = Allowance::new(which, limit);
        if !is_same {
            self.alarm = None;
        }
    }

    fn expired(&self, Allowance { which, limit, .. }: Allowance) -> BotticelliError {
        let kind = HttpErrorKind::Timeout { kind: which, limit: limit.unwrap_or_default() };
        HttpError::new(kind, &*self.host).into()
    }

    /// Waits for `future` within the timeouts.
    ///
    /// # Errors
    ///
    /// An [`HttpError`] that names the expired timeout.
    pub(crate) async fn limit<F: Future>(&mut self, future: F) -> Result<F::Output, BotticelliError> {
        let mut future = pin!(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            // The response arrived. What is left of the time goes to its body.
            Poll::Ready(output) => Poll::Ready(self.check().map(|()| output)),
            Poll::Pending => self.poll_expired(cx).map(Err),
        })
        .await
    }
}

impl Place {
    fn new() -> Self {
        let home = runtime::current().ok();
        Self { here: home.as_ref().map(Handle::id), home, check: None }
    }

    fn has_moved(&self) -> bool {
        self.here != Handle::try_current().ok().map(|runtime| runtime.id())
    }

    /// Records the runtime of the current poll, and checks the state of the runtime that has the connection.
    fn follow(&mut self, clock: &Arc<dyn Clock>) -> Result<(), BotticelliError> {
        let here = runtime::current()?.id();
        self.here = Some(here);
        let home = self.home.clone().filter(|home| home.id() != here);
        self.check = home.map(|home| runtime::state_of(home, clock.clone()).boxed());
        Ok(())
    }
}

impl fmt::Debug for TimeoutTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeoutTracker")
            .field("phase", &self.phase)
            .field("keep_alive", &self.keep_alive)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
