//! The permission of one call, until it ends.

use super::limiter::{Limiter, Reservation};
use super::shared::SharedPermit;
use crate::tokens::counted_tokens;
use crate::verb::Response;
use botticelli_error::{BotticelliError, BotticelliErrorKind, ErrorCategory};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The permission of one call. A permit that is dropped keeps its estimate, unless its call never began.
#[derive(Debug)]
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    tokens: Reservation,
    /// Time since when the call counts.
    since: Instant,
    stage: Stage,
    /// The permission among all machines.
    pub(super) shared: Option<SharedPermit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The call still waits for its turn among all machines.
    Waiting,
    InFlight,
    Ended,
}

impl Permit {
    /// Returns the permission of a call that counts since `since`.
    pub(super) fn new(limiter: Arc<Limiter>, tokens: Reservation, since: Instant) -> Self {
        Self { limiter, tokens, since, stage: Stage::Waiting, shared: None }
    }

    /// Begins the call.
    pub(super) fn begin(&mut self) {
        self.stage = Stage::InFlight;
    }

    /// Gives back what a call took that never began.
    fn cancel(&mut self) {
        self.limiter.change(|state, now| state.cancel(self.tokens.reserved, self.since, now));
    }

    /// Ends the call with its response. Returns the permission among all machines, which is still to be written.
    pub(super) fn settle(mut self, response: &impl Response) -> Option<SharedPermit> {
        let tokens = response.usage().and_then(counted_tokens);
        if let Some(tokens) = tokens.filter(|_| !response.is_cached()) {
            self.limiter.learn(tokens);
        }
        let mut pause = Duration::ZERO;
        if let Some(status) = response.rate_limit()
            && (status.remaining_requests == Some(0) || status.remaining_tokens == Some(0))
            && let Some(wait) = status.resets_after
        {
            pause = self.limiter.pause(wait);
        }
        let used = if response.is_cached() { 0 } else { tokens.unwrap_or(self.tokens.unreported) };
        let retries = u64::try_from(response.further_requests()).unwrap_or(u64::MAX);
        self.end(used, retries, pause);
        self.shared.take()
    }

    /// Ends the call with its error. Returns the permission among all machines, which is still to be written.
    pub(super) fn fail(mut self, error: &BotticelliError) -> Option<SharedPermit> {
        let mut pause = Duration::ZERO;
        // The caller's own limits are not those of the service.
        if error.category() == ErrorCategory::RateLimited
            && !matches!(error.kind(), BotticelliErrorKind::Limit(_))
            && let Some(wait) = error.retry_after()
        {
            pause = self.limiter.pause(wait);
        }
        let used = if error.may_be_billed() { self.tokens.unreported } else { 0 };
        self.end(used, u64::from(error.attempts().saturating_sub(1)), pause);
        self.shared.take()
    }

    fn end(&mut self, used: u64, retries: u64, pause: Duration) {
        if std::mem::replace(&mut self.stage, Stage::Ended) != Stage::Ended {
            if let Some(shared) = &mut self.shared {
                shared.record(used, retries, pause);
            }
            self.limiter.change(|state, now| state.finish(self.tokens.reserved, used, retries, now));
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        match self.stage {
            Stage::Waiting => self.cancel(),
            Stage::InFlight => self.end(self.tokens.unreported, 0, Duration::ZERO),
            Stage::Ended => {}
        }
    }
}
