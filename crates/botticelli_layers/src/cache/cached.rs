//! A driver with a cache.

use super::entry::{cached, with_times};
use super::flight::{FlightKey, Subscription};
use super::key::{CacheableRequest, Question, question};
use super::settings::Cache;
use crate::verb::{Chat, Request, Text, Verb};
use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, CostEstimate, GenerateRequest, GenerateResponse, ModelInfo, PricedRoute, StreamChunk,
};
use botticelli_error::{BotticelliError, InterruptedError};
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver, response_stream};
use futures::{Stream, StreamExt, TryFutureExt, stream};
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// A driver whose responses are kept in a [`Cache`].
///
/// The inner driver is shared with the calls in flight. It is dropped after the last of them.
#[derive(Debug)]
pub struct Cached<D> {
    inner: Arc<D>,
    cache: Cache,
}

impl<D> Clone for Cached<D> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), cache: self.cache.clone() }
    }
}

impl<D> Cached<D> {
    /// Returns the driver `inner` with a cache.
    pub fn new(inner: D, cache: Cache) -> Self {
        Self { inner: Arc::new(inner), cache }
    }

    /// Returns the inner driver.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// Returns the cache.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }
}

impl<D: Debug + Send + Sync + 'static> Cached<D> {
    async fn call<V: Verb<D>>(&self, request: V::Request) -> Result<GenerateResponse, BotticelliError>
    where
        V::Request: CacheableRequest,
    {
        let Some(question) = question::<V, D>(&self.inner, &request, self.cache.is_sampled) else {
            return V::send(&self.inner, request).await;
        };
        let begin = self.cache.clock.now();
        if let Some(response) = self.cache.find(&question).await {
            return Ok(with_times(response, elapsed(&self.cache, begin), false));
        }
        let mut shared = self.join::<V>(question, request, false);
        let last =
            shared.next().await.unwrap_or_else(|| Err(InterruptedError::new("a shared call").into()))?;
        match given(&self.cache, &shared, last, begin, false).into_response() {
            Some(response) => Ok(response),
            None => Err(InterruptedError::new("a shared call").into()),
        }
    }

    async fn call_stream<V: Verb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError>
    where
        V::Request: CacheableRequest,
    {
        let Some(question) = question::<V, D>(&self.inner, &request, self.cache.is_sampled) else {
            return V::send_stream(&self.inner, request).await;
        };
        let begin = self.cache.clock.now();
        if let Some(response) = self.cache.find(&question).await {
            return Ok(response_stream(with_times(response, elapsed(&self.cache, begin), true)));
        }
        let mut shared = self.join::<V>(question, request, true);
        // An error before the first chunk is an error of the call.
        let first = shared.next().await.transpose()?;
        let first = first.map(|chunk| given(&self.cache, &shared, chunk, begin, true));
        Ok(SharedStream { first, shared, cache: self.cache.clone(), begin }.boxed())
    }

    /// Joins the call in flight for a request, or starts one.
    fn join<V: Verb<D>>(&self, question: Question, request: V::Request, is_stream: bool) -> Subscription
    where
        V::Request: CacheableRequest,
    {
        let key = FlightKey::new(question.key, is_stream);
        let timeouts = request.timeouts();
        let Self { inner, cache } = self.clone();
        self.cache.flights.join(key, timeouts, move || {
            // A call that ended after the lookup has left its response in the cache.
            let call = async move {
                let response = match cache.find(&question).await {
                    Some(response) if is_stream => return Ok(response_stream(response)),
                    Some(response) => response,
                    None if is_stream => {
                        return Ok(cache.keep_last(question, V::send_stream(&inner, request).await?));
                    }
                    None => cache.keep(&question, V::send(&inner, request).await?).await,
                };
                // A plain call has the final chunk only.
                Ok(stream::iter([Ok(StreamChunk::last(response))]).boxed())
            };
            call.try_flatten_stream().boxed()
        })
    }
}

/// A streamed call that several callers may share, as one of them gets it.
struct SharedStream {
    /// The chunk that began the stream.
    first: Option<StreamChunk>,
    shared: Subscription,
    cache: Cache,
    begin: Instant,
}

impl Stream for SharedStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let item = ready!(self.shared.poll_next_unpin(cx));
        Poll::Ready(match item {
            Some(Ok(chunk)) if chunk.is_final() => {
                Some(Ok(given(&self.cache, &self.shared, chunk, self.begin, true)))
            }
            item => item,
        })
    }
}

/// Returns a chunk as one caller gets it. One caller gets the original response, the others a response from the cache.
fn given(
    cache: &Cache,
    shared: &Subscription,
    chunk: StreamChunk,
    begin: Instant,
    is_stream: bool,
) -> StreamChunk {
    let Some(response) = chunk.response() else { return chunk };
    if !response.is_cached() && shared.claim() {
        return chunk;
    }
    match chunk.into_response() {
        Some(response) => StreamChunk::last(with_times(cached(response), elapsed(cache, begin), is_stream)),
        None => StreamChunk::default(),
    }
}

fn elapsed(cache: &Cache, begin: Instant) -> Duration {
    cache.clock.now().saturating_duration_since(begin)
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<D: BotticelliDriver + 'static> BotticelliDriver for Cached<D> {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        self.call::<Chat>(request).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        self.call_stream::<Chat>(request).await
    }

    fn provider_name(&self) -> &'static str {
        self.inner.provider_name()
    }

    fn model_name(&self) -> &str {
        self.inner.model_name()
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        self.inner.model_info(model).await
    }

    async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        self.inner.estimate(request).await
    }

    async fn cheaper_routes(
        &self,
        request: &GenerateRequest,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        self.inner.cheaper_routes(request, limit).await
    }

    fn canonical_request(&self, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        self.inner.canonical_request(request)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<D: CompletionDriver + 'static> CompletionDriver for Cached<D> {
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        self.call::<Text>(request).await
    }

    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        self.call_stream::<Text>(request).await
    }

    async fn estimate_completion(
        &self,
        request: &CompletionRequest,
    ) -> Result<CostEstimate, BotticelliError> {
        self.inner.estimate_completion(request).await
    }

    fn canonical_completion(&self, request: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        self.inner.canonical_completion(request)
    }
}
