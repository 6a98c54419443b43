//! A limiter that clones and drivers share.

use super::state::{State, Wakers};
use botticelli_interface::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest pause. No limit has a longer window, and a wrong date of one response must not stop all calls forever.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

#[derive(Debug)]
pub(super) struct Limiter {
    state: Mutex<State>,
    pub(super) clock: Arc<dyn Clock>,
    /// The shortest limit of tokens.
    token_limit: Option<u64>,
    /// The usual tokens of a call, for calls without an estimate.
    usual: Mutex<Option<u64>>,
}

/// The tokens of a call before its end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reservation {
    pub(super) reserved: u64,
    pub(super) unreported: u64,
}

impl Limiter {
    pub(super) fn new(state: State, clock: Arc<dyn Clock>) -> Self {
        let token_limit = state.tokens.iter().map(|window| window.limit).min();
        Self { state: Mutex::new(state), clock, token_limit, usual: Mutex::new(None) }
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call go at once, if no other one waits and the limits have room. Returns whether it goes.
    pub(super) fn enter(&self, tokens: u64, now: Instant) -> bool {
        self.state().enter(tokens, now)
    }

    /// Changes the state, and wakes calls after the lock is released.
    pub(super) fn change(&self, change: impl FnOnce(&mut State, Instant) -> Wakers) {
        self.look(|state, now| ((), change(state, now)));
    }

    /// Changes the state, wakes calls after the lock is released, and returns what was seen.
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut State, Instant) -> (T, Wakers)) -> T {
        let now = self.now();
        let (seen, wakers) = look(&mut self.state(), now);
        wakers.wake();
        seen
    }

    /// Returns whether calls need an estimate of their tokens.
    pub(super) fn counts_tokens(&self) -> bool {
        self.token_limit.is_some()
    }

    /// Returns the tokens to reserve for a call, and those that count if the call does not report its own.
    pub(super) fn reservation(&self, estimate: Option<u64>) -> Reservation {
        let Some(limit) = self.token_limit else { return Reservation::default() };
        if let Some(tokens) = estimate.filter(|tokens| *tokens <= limit) {
            return Reservation { reserved: tokens, unreported: tokens };
        }
        let usual = *self.usual.lock().unwrap_or_else(PoisonError::into_inner);
        let reserved = usual.unwrap_or(limit / 10).clamp(1, limit.max(1));
        // Of a service that reports nothing, nothing is known.
        let unreported = if estimate.is_some() { reserved } else { usual.unwrap_or_default() };
        Reservation { reserved, unreported }
    }

    /// Records the tokens of a call.
    pub(super) fn learn(&self, tokens: u64) {
        if !self.counts_tokens() {
            return;
        }
        let mut usual = self.usual.lock().unwrap_or_else(PoisonError::into_inner);
        *usual = Some(match *usual {
            Some(usual) => usual.saturating_mul(3).saturating_add(tokens) / 4,
            None => tokens,
        });
    }

    /// Lets no call go for this time, or for the longest pause. Returns the time.
    pub(super) fn pause(&self, wait: Duration) -> Duration {
        let wait = wait.min(LONGEST_PAUSE);
        if let Some(until) = self.now().checked_add(wait) {
            tracing::info!(?wait, "the service asks for a pause, and all calls of the rate limit wait");
            self.state().pause(until);
        }
        wait
    }
}
