//! The clocks of one attempt.

use super::{TimeSpent, runtime};
use botticelli_core::Timeouts;
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

/// How long an attempt may wait, and how much of it is spent already.
#[derive(Clone, Copy, Debug)]
pub struct AttemptTimeouts {
    /// Until the first piece of a stream; `None` for a plain answer.
    pub first_token: Option<Duration>,
    /// The clock of the whole call, and its limit.
    pub total: (TimeoutKind, Option<Duration>),
    /// What earlier attempts, and the waits between them, have used up.
    pub(crate) spent: TimeSpent,
}

impl AttemptTimeouts {
    /// For a plain answer.
    pub fn for_an_answer(timeouts: &Timeouts, spent: Duration) -> Self {
        let spent = TimeSpent { elapsed: spent, waited: spent };
        Self { first_token: None, total: (TimeoutKind::Total, timeouts.total()), spent }
    }

    /// For a stream.
    pub fn for_a_stream(timeouts: &Timeouts, spent: Duration) -> Self {
        let total = (TimeoutKind::StreamTotal, timeouts.stream_total());
        Self { first_token: timeouts.first_token(), total, ..Self::for_an_answer(timeouts, spent) }
    }

    /// The same, where so much is used up.
    pub(crate) fn after(mut self, spent: TimeSpent) -> Self {
        self.spent = spent;
        self
    }
}

/// How late a clock may be looked at before its wait counts as the caller's: timers are not exact.
const LATE: Duration = Duration::from_millis(100);

/// The clocks of one attempt: one for the phase that it is in, one from piece to piece, and one for the whole call.
///
/// They run while we wait, and stand still while the caller is busy: a reader who pauses is never timed out. The time is
/// looked at when there is nothing to read, not when something comes, and one sleep serves all three: it is left alone when
/// a clock starts anew, and where it rings too early, what is left is slept on. So a piece costs no timer of its own.
///
/// A task that is polled too late finds what has arrived: a wait that should have ended before is not counted where there is
/// something to read, and where there is nothing, the runtime gets a moment to bring what lies in the socket.
pub struct TimeoutTracker {
    phase: Allowance,
    /// From piece to piece, whatever comments and empty events come between them.
    keep_alive: Allowance,
    total: Allowance,
    /// Whether the phase is that of a stream that has begun.
    is_idle: bool,
    /// Since when we wait; `None` while we do not.
    waiting_since: Option<Instant>,
    lateness: Lateness,
    /// A sleep that is over no later than any of the clocks may run out.
    alarm: Option<BoxFuture<'static, ()>>,
    clock: Arc<dyn Clock>,
    host: Arc<str>,
    place: Place,
}

/// What is known of the wait that is under way, in case that it is looked at too late.
#[derive(Clone, Copy, Debug, Default)]
struct Lateness {
    /// Whether the wait is one for the server: there was nothing to read.
    is_pending: bool,
    /// Whether the wait has been lengthened, because it was looked at too late.
    is_lengthened: bool,
    /// Whether an answer has been let in that came together with its deadline: once.
    has_excused: bool,
}

/// Where an attempt is polled.
struct Place {
    /// The runtime that has its connection.
    home: Option<Handle>,
    /// The runtime that polled it last.
    here: Option<runtime::Id>,
    /// What the first one does, where the second is another.
    question: Option<BoxFuture<'static, runtime::State>>,
}

/// How long one of the clocks lets us wait, and how long we have waited before the wait that is under way.
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

    /// What is left of it after another wait; `None` where there is no limit.
    fn left(&self, waited: Duration) -> Option<Duration> {
        Some(self.limit?.saturating_sub(self.spent).saturating_sub(waited))
    }
}

impl TimeoutTracker {
    /// The clocks of an attempt to reach `host`. They run from the first wait on.
    pub fn new(clock: &Arc<dyn Clock>, host: &Arc<str>, patience: AttemptTimeouts) -> Self {
        let (total, limit) = patience.total;
        let TimeSpent { elapsed, waited } = patience.spent;
        let first_token = Allowance::new(TimeoutKind::FirstToken, patience.first_token);
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

    /// Whether a stream has begun: its first piece has come.
    pub fn has_begun(&self) -> bool {
        self.is_idle
    }

    /// A sign of life came in the middle of a stream: the idle clock starts anew.
    pub fn alive(&mut self, idle: Option<Duration>) {
        if self.waiting_since.is_some() {
            let now = self.clock.now();
            self.count(now);
            self.waiting_since = Some(now);
        }
        self.is_idle = true;
        self.restart(|clocks| &mut clocks.phase, TimeoutKind::Idle, idle);
    }

    /// A piece came, and goes to the caller: idle and keep-alive clock start anew.
    pub fn piece(&mut self, idle: Option<Duration>, keep_alive: Option<Duration>) {
        self.pause();
        self.is_idle = true;
        self.restart(|clocks| &mut clocks.phase, TimeoutKind::Idle, idle);
        self.restart(|clocks| &mut clocks.keep_alive, TimeoutKind::KeepAlive, keep_alive);
    }

    /// The answer is complete: what may still come has `grace` to come, whatever signs of life there are.
    pub fn ending(&mut self, grace: Duration) {
        self.alive(Some(grace));
        self.restart(|clocks| &mut clocks.keep_alive, TimeoutKind::KeepAlive, Some(grace));
    }

    /// The caller is busy: no clock runs until we wait again.
    pub fn pause(&mut self) {
        // Idle and keep-alive clock start anew with the next piece: where they are all there is, nobody needs the time.
        if self.waiting_since.is_some() && (self.total.limit.is_some() || !self.is_idle) {
            self.count(self.clock.now());
        }
        self.waiting_since = None;
    }

    /// Something came that is nothing for the caller: we go on waiting.
    ///
    /// # Errors
    ///
    /// The clock that has run out. A server that sends without a pause, and says nothing, never lets us wait: it is looked
    /// at here. The idle clock is not among them, for something did come.
    pub fn check(&mut self) -> Result<(), BotticelliError> {
        let now = self.clock.now();
        self.count(now);
        self.waiting_since = Some(now);
        let first_token = (!self.is_idle).then_some(&self.phase);
        let mut others = first_token.into_iter().chain([&self.keep_alive, &self.total]);
        match others.find(|clock| clock.left(Duration::ZERO) == Some(Duration::ZERO)) {
            Some(clock) => Err(self.ran_out(*clock)),
            None => Ok(()),
        }
    }

    /// Adds the wait that is under way, at whose end there is something to read. No more than the longest that it may last
    /// counts: who came back later than that had not been waiting, but doing something else.
    fn count(&mut self, now: Instant) {
        let Some(since) = self.waiting_since else { return };
        let waited = now.saturating_duration_since(since);
        if std::mem::take(&mut self.lateness.is_pending) && self.is_excused(waited) {
            return;
        }
        let waited = waited.min(self.phase.limit.unwrap_or(Duration::MAX));
        for clock in [&mut self.phase, &mut self.keep_alive, &mut self.total] {
            clock.spent = clock.spent.saturating_add(waited);
        }
    }

    /// Whether a wait was over before it was looked at, so that nobody knows when the answer came.
    fn is_excused(&mut self, waited: Duration) -> bool {
        self.lateness.is_lengthened = false;
        match self.soonest() {
            Some((left, _)) if waited > left.saturating_add(LATE) => true,
            Some((left, _)) if waited >= left => !std::mem::replace(&mut self.lateness.has_excused, true),
            _ => false,
        }
    }

    /// The clock that runs out first, and how long it lets us wait, from the beginning of the wait that is under way.
    fn soonest(&self) -> Option<(Duration, Allowance)> {
        let clocks = [&self.phase, &self.keep_alive, &self.total];
        let left = clocks.into_iter().filter_map(|clock| Some((clock.left(Duration::ZERO)?, *clock)));
        left.min_by_key(|(left, _)| *left)
    }

    /// We wait: ready with the error when a clock has run out; otherwise the task is woken when one may have.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<BotticelliError> {
        if self.place.has_moved() {
            // A sleep of another runtime may never end.
            self.alarm = None;
            if let Err(error) = self.place.follow(&self.clock) {
                return Poll::Ready(error);
            }
        }
        if let Some(question) = &mut self.place.question
            && let Poll::Ready(state) = question.as_mut().poll(cx)
        {
            self.place.question = None;
            if state == runtime::State::Still {
                return Poll::Ready(runtime::stands_still());
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
                    return Poll::Ready(self.ran_out(soonest));
                }
                LATE
            } else {
                left
            }));
        }
    }

    /// Starts a clock anew. With the same limit a sleep under way rings too early at worst; with another, it might ring too late.
    fn restart(&mut self, of: fn(&mut Self) -> &mut Allowance, which: TimeoutKind, limit: Option<Duration>) {
        let clock = of(self);
        let is_same = clock.limit == limit;
        *clock = Allowance::new(which, limit);
        if !is_same {
            self.alarm = None;
        }
    }

    fn ran_out(&self, Allowance { which, limit, .. }: Allowance) -> BotticelliError {
        let kind = HttpErrorKind::Timeout { kind: which, limit: limit.unwrap_or_default() };
        HttpError::new(kind, &*self.host).into()
    }

    /// What `future` gives, or the error when a clock has run out.
    ///
    /// # Errors
    ///
    /// An [`HttpError`] that names the clock.
    pub async fn limit<F: Future>(&mut self, future: F) -> Result<F::Output, BotticelliError> {
        let mut future = pin!(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            // The answer came: whatever time is left for its body.
            Poll::Ready(output) => Poll::Ready(self.check().map(|()| output)),
            Poll::Pending => self.poll_expired(cx).map(Err),
        })
        .await
    }
}

impl Place {
    fn new() -> Self {
        let home = runtime::current().ok();
        Self { here: home.as_ref().map(Handle::id), home, question: None }
    }

    fn has_moved(&self) -> bool {
        self.here != Handle::try_current().ok().map(|runtime| runtime.id())
    }

    /// Takes note of the runtime that polls now, and asks what became of the one that has the connection.
    fn follow(&mut self, clock: &Arc<dyn Clock>) -> Result<(), BotticelliError> {
        let here = runtime::current()?.id();
        self.here = Some(here);
        let home = self.home.clone().filter(|home| home.id() != here);
        self.question = home.map(|home| runtime::state_of(home, clock.clone()).boxed());
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
