//! The clocks of one attempt.

use super::Timer;
use botticelli_core::Timeouts;
use botticelli_error::{BotticelliError, TimeoutClock};
use botticelli_interface::Clock;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long an attempt may wait, and how much of it is spent already.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until the first piece of a stream; `None` for a plain answer.
    pub first_token: Option<Duration>,
    /// The clock of the whole call, and its limit.
    pub total: (TimeoutClock, Option<Duration>),
    /// What earlier attempts, and the waits between them, have used up.
    pub spent: Duration,
}

impl Patience {
    /// For a plain answer.
    pub fn for_an_answer(timeouts: &Timeouts, spent: Duration) -> Self {
        Self { first_token: None, total: (TimeoutClock::Total, timeouts.total), spent }
    }

    /// For a stream.
    pub fn for_a_stream(timeouts: &Timeouts, spent: Duration) -> Self {
        let total = (TimeoutClock::StreamTotal, timeouts.stream_total);
        Self { first_token: timeouts.first_token, total, spent }
    }
}

/// The clocks of one attempt: one for the phase that it is in, and one for the whole call.
#[derive(Debug)]
pub struct Clocks {
    phase: Timer,
    /// Runs from piece to piece, whatever comments and empty events come between them.
    keep_alive: Timer,
    total: Timer,
    /// Whether the phase is that of a stream that has begun.
    is_idle: bool,
    clock: Arc<dyn Clock>,
}

impl Clocks {
    /// The clocks of an attempt to reach `host`. They run from the first wait on.
    pub fn new(clock: &Arc<dyn Clock>, host: &Arc<str>, patience: Patience) -> Self {
        let timer = |which, limit| Timer::new(clock.clone(), host.clone(), which, limit, patience.spent);
        let (total, limit) = patience.total;
        Self {
            phase: timer(TimeoutClock::FirstToken, patience.first_token),
            keep_alive: timer(TimeoutClock::KeepAlive, None),
            total: timer(total, limit),
            is_idle: false,
            clock: clock.clone(),
        }
    }

    /// A sign of life came, in the middle of a stream.
    pub fn alive(&mut self, idle: Option<Duration>) {
        self.is_idle = true;
        self.phase.restart(TimeoutClock::Idle, idle);
    }

    /// A piece came.
    pub fn event(&mut self, keep_alive: Option<Duration>) {
        self.keep_alive.restart(TimeoutClock::KeepAlive, keep_alive);
    }

    /// We wait from now on.
    pub fn resume(&mut self) {
        let now = self.clock.now();
        for timer in [&mut self.phase, &mut self.keep_alive, &mut self.total] {
            timer.resume(now);
        }
    }

    /// Something came: we wait no more, until we ask again.
    ///
    /// # Errors
    ///
    /// The clock that has run out all the same. A server that sends without a pause, and says nothing, never lets us
    /// wait: it is looked at here. The idle clock is not among them, for something did come.
    pub fn arrived(&mut self) -> Result<(), BotticelliError> {
        let now = self.clock.now();
        let longest = self.phase.limit().unwrap_or(Duration::MAX);
        for timer in [&mut self.phase, &mut self.keep_alive, &mut self.total] {
            timer.pause(now, longest);
        }
        let first_token = if self.is_idle { None } else { self.phase.expired(now) };
        match first_token.or_else(|| self.keep_alive.expired(now)).or_else(|| self.total.expired(now)) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// We wait: ready with the error when a clock has run out; otherwise the task is woken when one may have.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<BotticelliError> {
        for timer in [&mut self.phase, &mut self.keep_alive, &mut self.total] {
            if let Poll::Ready(error) = timer.poll_expired(cx) {
                return Poll::Ready(error);
            }
        }
        Poll::Pending
    }

    /// What `future` gives, or the error when a clock has run out.
    ///
    /// # Errors
    ///
    /// An [`HttpError`](botticelli_error::HttpError) that names the clock.
    pub async fn limit<F: Future>(&mut self, future: F) -> Result<F::Output, BotticelliError> {
        let mut future = pin!(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => {
                // The answer came: whatever time is left for its body.
                Poll::Ready(self.arrived().map(|()| output))
            }
            Poll::Pending => self.poll_expired(cx).map(Err),
        })
        .await
    }
}
