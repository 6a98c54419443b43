//! Waiting for a permit.

use super::limiter::{Limiter, Reservation};
use super::permit::Permit;
use super::state::Block;
use botticelli_error::{BotticelliError, LimitError, LimitErrorKind};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A call that waits for its turn. Dropping it gives up its place.
pub(super) struct Acquire {
    limiter: Arc<Limiter>,
    tokens: Reservation,
    /// Start of the call.
    start: Instant,
    deadline: Option<Duration>,
    /// Place in the queue.
    id: Option<u64>,
    sleep: Option<(Instant, BoxFuture<'static, ()>)>,
}

impl fmt::Debug for Acquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").field("id", &self.id).field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

impl Acquire {
    pub(super) fn new(
        limiter: Arc<Limiter>,
        tokens: Reservation,
        start: Instant,
        deadline: Option<Duration>,
    ) -> Self {
        Self { limiter, tokens, start, deadline, id: None, sleep: None }
    }

    fn rest(&self, now: Instant) -> Option<Duration> {
        let waited = now.saturating_duration_since(self.start);
        self.deadline.map(|deadline| deadline.saturating_sub(waited))
    }

    /// Returns the error if the call would wait longer than its deadline allows.
    fn refusal(&self, block: Block, now: Instant, is_new: bool) -> Option<BotticelliError> {
        let rest = self.rest(now)?;
        let is_late = block.wait > rest || (rest.is_zero() && (block.wait.is_zero() || !is_new));
        let Block { unit, limit, wait } = block;
        let kind = LimitErrorKind::Rate { unit, limit, wait: wait.max(Duration::from_secs(1)) };
        is_late.then(|| LimitError::new(kind).into())
    }
}

impl Future for Acquire {
    type Output = Result<Permit, BotticelliError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let limiter = this.limiter.clone();
        loop {
            let is_new = this.id.is_none();
            let (known, tokens) = (this.id, this.tokens);
            let (id, now, block, reclaim) = limiter.look(|state, now| {
                let id = known.unwrap_or_else(|| state.enqueue(tokens.reserved));
                // A call that waits for nothing goes at once.
                let passed = state.advance(now);
                let (is_taken, wakers) = state.take(id, now);
                let block = if is_taken { None } else { Some(state.block(id, now)) };
                state.set_waker(id, cx.waker());
                ((id, now, block, state.next_reclaim(now)), passed.and(wakers))
            });
            let Some(block) = block else {
                this.id = None;
                return Poll::Ready(Ok(Permit::new(limiter, tokens, now)));
            };
            this.id = Some(id);
            if let Some(refusal) = this.refusal(block, now, is_new) {
                return Poll::Ready(Err(refusal));
            }
            // Until the call may go, its deadline passes, or a call that is not polled loses its place.
            let timed = Some(block.wait).filter(|wait| !wait.is_zero());
            let waits = timed.into_iter().chain(this.rest(now)).chain(reclaim);
            let until = waits.min().and_then(|wait| now.checked_add(wait));
            let Some(until) = until else {
                this.sleep = None;
                return Poll::Pending;
            };
            let sleep = match &mut this.sleep {
                Some((known, sleep)) if *known == until => sleep,
                other => {
                    let sleep = limiter.clock.sleep(until.saturating_duration_since(now));
                    &mut other.insert((until, sleep)).1
                }
            };
            if sleep.poll_unpin(cx).is_pending() {
                return Poll::Pending;
            }
            this.sleep = None;
        }
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.limiter.change(|state, now| state.leave(id, now));
        }
    }
}
