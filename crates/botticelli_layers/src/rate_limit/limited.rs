//! A driver with a rate limit.

use super::limits::RateLimit;
use super::permit::Permit;
use super::stream;
use crate::forward::forward;
use crate::verb::{Request, Verb};
use botticelli_core::{GenerateResponse, Timeouts};
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use std::fmt::Debug;
use std::time::Duration;

/// A driver whose calls stay within a [`RateLimit`].
#[derive(Clone, Debug)]
pub struct RateLimited<D> {
    inner: D,
    limit: RateLimit,
}

impl<D> RateLimited<D> {
    /// Returns the driver `inner` with a rate limit.
    pub fn new(inner: D, limit: RateLimit) -> Self {
        Self { inner, limit }
    }

    /// Returns the inner driver.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// Returns the rate limit.
    pub fn rate_limit(&self) -> &RateLimit {
        &self.limit
    }
}

impl<D: Debug + Send + Sync> RateLimited<D> {
    /// Waits for the turn of a call. Returns its permit, and the request with the rest of its time.
    async fn admit<V: Verb<D>>(
        &self,
        request: V::Request,
        total: fn(&Timeouts) -> Option<Duration>,
        with_total: fn(Timeouts, Option<Duration>) -> Timeouts,
    ) -> Result<(V::Request, Permit), BotticelliError> {
        self.limit.validate()?;
        let limiter = self.limit.limiter();
        let start = limiter.now();
        // A failed lookup leaves the estimate unknown, and the call itself reports the failure.
        let estimate = if limiter.counts_tokens() {
            V::estimate(&self.inner, &request).await.ok().and_then(|estimate| estimate.tokens())
        } else {
            None
        };
        let timeouts = request.timeouts();
        let total = timeouts.as_ref().and_then(total);
        let permit = self.limit.acquire(limiter.reservation(estimate), start, total).await?;
        let request = match (timeouts, total) {
            (Some(timeouts), Some(total)) if !permit.waited.is_zero() => {
                let rest = total.saturating_sub(permit.waited).max(Duration::from_millis(1));
                request.with_timeouts(with_total(timeouts, Some(rest)))
            }
            _ => request,
        };
        Ok((request, permit))
    }

    async fn call<V: Verb<D>>(&self, request: V::Request) -> Result<GenerateResponse, BotticelliError> {
        let (request, permit) = self.admit::<V>(request, Timeouts::total, Timeouts::with_total).await?;
        let result = V::send(&self.inner, request).await;
        match &result {
            Ok(response) => permit.settle(response),
            Err(error) => permit.fail(error),
        }
        result
    }

    async fn call_stream<V: Verb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError> {
        let (request, permit) =
            self.admit::<V>(request, Timeouts::stream_total, Timeouts::with_stream_total).await?;
        match V::send_stream(&self.inner, request).await {
            Ok(chunks) => Ok(stream::permitted(chunks, permit)),
            Err(error) => {
                permit.fail(&error);
                Err(error)
            }
        }
    }
}

forward!(RateLimited);
