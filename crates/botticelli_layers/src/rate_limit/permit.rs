//! The permission of one call, until it ends.

use super::limiter::{Limiter, Reservation};
use super::shared::SharedPermit;
use botticelli_core::{GenerateResponse, Usage};
use botticelli_error::{BotticelliError, BotticelliErrorKind, ErrorCategory};
use std::sync::Arc;
use std::time::Duration;

/// The permission of one call. A permit that is dropped keeps its estimate.
#[derive(Debug)]
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    tokens: Reservation,
    /// Time that the call waited.
    pub(super) waited: Duration,
    is_open: bool,
    /// The permission among all machines.
    pub(super) shared: Option<SharedPermit>,
}

impl Permit {
    pub(super) fn new(limiter: Arc<Limiter>, tokens: Reservation, waited: Duration) -> Self {
        Self { limiter, tokens, waited, is_open: true, shared: None }
    }

    /// Ends the call with its response. Returns the permission among all machines, which is still to be written.
    pub(super) fn settle(mut self, response: &GenerateResponse) -> Option<SharedPermit> {
        let usage = response.usage();
        let sum = usage.and_then(|usage| usage.prompt_tokens()?.checked_add(usage.completion_tokens()?));
        let tokens = usage.and_then(Usage::total_tokens).max(sum);
        if let Some(tokens) = tokens.filter(|_| !response.is_cached()) {
            self.limiter.learn(tokens);
        }
        let mut pause = Duration::ZERO;
        if let Some(status) = response.rate_limit()
            && (status.remaining_requests == Some(0) || status.remaining_tokens == Some(0))
            && let Some(wait) = status.resets_after
        {
            self.limiter.pause(wait);
            pause = wait;
        }
        let used = if response.is_cached() { 0 } else { tokens.unwrap_or(self.tokens.unreported) };
        let retries = u64::try_from(response.retries().len()).unwrap_or(u64::MAX);
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
            self.limiter.pause(wait);
            pause = wait;
        }
        let used = if error.may_be_billed() { self.tokens.unreported } else { 0 };
        self.end(used, u64::from(error.attempts().saturating_sub(1)), pause);
        self.shared.take()
    }

    fn end(&mut self, used: u64, retries: u64, pause: Duration) {
        if std::mem::take(&mut self.is_open) {
            if let Some(shared) = &mut self.shared {
                shared.record(used, retries, pause);
            }
            self.limiter.change(|state, now| state.finish(self.tokens.reserved, used, retries, now));
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.end(self.tokens.unreported, 0, Duration::ZERO);
    }
}
