//! A driver with a rate limit.

use super::limits::RateLimit;
use super::permit::Permit;
use super::shared::SharedPermit;
use super::stream;
use crate::forward::forward;
use crate::total_limit::{Deadline, TotalLimit, within};
use crate::verb::{Response, TextVerb, Verb};
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use std::fmt::Debug;

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
        limit: TotalLimit,
    ) -> Result<(V::Request, Permit, Deadline), BotticelliError> {
        self.limit.validate()?;
        let limiter = self.limit.limiter();
        let deadline = Deadline::of(limit, &request, &*limiter.clock);
        let start = limiter.now();
        let mut now = start;
        // A lookup that fails or takes too long leaves the estimate unknown. The call itself reports the failure.
        let estimate = if limiter.counts_tokens() {
            let lookup = V::estimate(&self.inner, &request);
            let longest = self.limit.longest_lookup(deadline.left(&*limiter.clock));
            let estimate = Box::pin(within(|| longest, &*limiter.clock, lookup)).await;
            now = limiter.now();
            estimate.and_then(Result::ok).and_then(|estimate| estimate.tokens())
        } else {
            None
        };
        let tokens = limiter.reservation(estimate);
        let permit = match self.limit.enter(tokens, now) {
            Some(permit) => permit,
            // In a box, the rare wait takes no space in the futures of all calls.
            None => Box::pin(self.limit.acquire(tokens, start, deadline)).await?,
        };
        Ok((deadline.on(request, &*limiter.clock), permit, deadline))
    }

    async fn call<V: Verb<D>>(&self, request: V::Request) -> Result<V::Response, BotticelliError> {
        let (request, permit, deadline) = self.admit::<V>(request, TotalLimit::Plain).await?;
        let (result, shared) = ended(permit, V::send(&self.inner, request).await);
        let Some(shared) = shared else { return result };
        // In the future of the call, the response would make it too large for the fast part of the allocator.
        let result = Box::new(result);
        Box::pin(shared.write(deadline)).await;
        *result
    }

    async fn call_stream<V: TextVerb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError> {
        let (request, permit, deadline) = self.admit::<V>(request, TotalLimit::Streamed).await?;
        match V::send_stream(&self.inner, request).await {
            Ok(chunks) => Ok(stream::permitted(chunks, permit, deadline)),
            Err(error) => {
                if let Some(shared) = permit.fail(&error) {
                    shared.write(deadline).await;
                }
                Err(error)
            }
        }
    }
}

/// Ends the permit of a call. Returns the result, and the permission among all machines, which is still to be written.
fn ended<R: Response>(
    permit: Permit,
    result: Result<R, BotticelliError>,
) -> (Result<R, BotticelliError>, Option<SharedPermit>) {
    let shared = match &result {
        Ok(response) => permit.settle(response),
        Err(error) => permit.fail(error),
    };
    (result, shared)
}

forward!(RateLimited);
#[cfg(feature = "tasks")]
crate::tasks::forward_tasks!(RateLimited, call);
