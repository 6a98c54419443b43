//! A driver with a cache.

use super::entry::{cached, with_times};
use super::flight::{FlightKey, Subscription};
use super::key::{CacheLookup, CacheableRequest, cache_lookup};
use super::log::Part;
use super::mode::CacheMode;
use super::responses::NEVER;
use super::settings::Cache;
use super::source::{Keep, Opened, Source};
use crate::forward::forward;
use crate::total_limit::{Deadline, TotalLimit};
use crate::verb::{Request, TextVerb};
use botticelli_core::{GenerateResponse, StreamChunk};
use botticelli_error::{BotticelliError, InterruptedError};
use botticelli_interface::{ChunkStream, response_stream};
use futures::{FutureExt, Stream, StreamExt};
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
    parts: Arc<Parts<D>>,
}

/// The parts of a driver with a cache, which its clones share.
#[derive(Debug)]
struct Parts<D> {
    inner: D,
    cache: Cache,
    /// Number of the inner driver among those with this cache.
    number: u64,
}

impl<D> Clone for Cached<D> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone() }
    }
}

impl<D> Cached<D> {
    /// Returns the driver `inner` with a cache.
    pub fn new(inner: D, cache: Cache) -> Self {
        Self { parts: Arc::new(Parts { inner, number: cache.flights.new_driver(), cache }) }
    }

    /// Returns the inner driver.
    pub fn inner(&self) -> &D {
        &self.parts.inner
    }

    /// Returns the cache.
    pub fn cache(&self) -> &Cache {
        &self.parts.cache
    }
}

impl<D: Debug + Send + Sync + 'static> Cached<D> {
    async fn call<V: TextVerb<D>>(&self, request: V::Request) -> Result<GenerateResponse, BotticelliError>
    where
        V::Request: CacheableRequest,
    {
        self.cache().validate()?;
        let request = V::with_memo(request);
        let Some(lookup) = self.lookup::<V>(&request)? else { return V::send(self.inner(), request).await };
        let (begin, ended) = (self.cache().clock.now(), self.cache().flights.ended());
        let deadline = Deadline::of(TotalLimit::Plain, &request, &*self.cache().clock);
        let found = match self.cache().find_now(&lookup) {
            Poll::Ready(found) => found,
            // A store that is asked later is slow anyway. In a box, it takes no space in the other futures.
            Poll::Pending => Box::pin(self.find(&lookup, &deadline)).await?,
        };
        if let Some(response) = found {
            return Ok(with_times(response, elapsed(self.cache(), begin), false));
        }
        let mut shared = self.join::<V>(lookup, request, deadline, false, ended);
        match shared.next().await.transpose()? {
            Some(Part::Whole(response)) if shared.is_original(&response) => Ok(response),
            Some(Part::Whole(response)) => {
                Ok(with_times(cached(response), elapsed(self.cache(), begin), false))
            }
            Some(Part::Chunk(_)) | None => Err(InterruptedError::new("a shared call").into()),
        }
    }

    async fn call_stream<V: TextVerb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError>
    where
        V::Request: CacheableRequest,
    {
        self.cache().validate()?;
        let Some(lookup) = self.lookup::<V>(&request)? else {
            return V::send_stream(self.inner(), request).await;
        };
        let (begin, ended) = (self.cache().clock.now(), self.cache().flights.ended());
        let deadline = Deadline::of(TotalLimit::Streamed, &request, &*self.cache().clock);
        let found = match self.cache().find_now(&lookup) {
            Poll::Ready(found) => found,
            // A store that is asked later is slow anyway. In a box, it takes no space in the other futures.
            Poll::Pending => Box::pin(self.find(&lookup, &deadline)).await?,
        };
        if let Some(response) = found {
            return Ok(response_stream(with_times(response, elapsed(self.cache(), begin), true)));
        }
        let mut shared = self.join::<V>(lookup, request, deadline, true, ended);
        // An error before the first chunk is an error of the call.
        let first = shared.next().await.transpose()?;
        let first = first.map(|part| for_caller(self.cache(), &shared, part.into_chunk(), begin));
        Ok(SharedStream { first, shared, cache: self.cache().clone(), begin }.boxed())
    }

    /// Returns the lookup of a request; `None` if the request is sent without the cache.
    fn lookup<V: TextVerb<D>>(&self, request: &V::Request) -> Result<Option<CacheLookup>, BotticelliError>
    where
        V::Request: CacheableRequest,
    {
        if request.skips_cache() && self.cache().mode != CacheMode::Only {
            return Ok(None);
        }
        let lookup = cache_lookup::<V, D>(self.inner(), request, self.cache().is_sampled);
        if lookup.is_none() && self.cache().mode == CacheMode::Only {
            // The driver's own error says more about an invalid request.
            V::canonical(self.inner(), request)?;
            return Err(self.cache().no_response(NEVER));
        }
        Ok(lookup)
    }

    /// Returns the response of the cache; `None` if the request is to be sent.
    async fn find(
        &self,
        lookup: &CacheLookup,
        deadline: &Deadline,
    ) -> Result<Option<GenerateResponse>, BotticelliError> {
        match self.cache().mode {
            CacheMode::Only => Box::pin(self.cache().require(lookup, deadline)).await.map(Some),
            CacheMode::On | CacheMode::Refresh => Ok(self.cache().find(lookup, deadline).await),
        }
    }

    /// Joins the call in flight for a request, or starts one. `ended` is the number of calls that had ended before the lookup.
    fn join<V: TextVerb<D>>(
        &self,
        lookup: CacheLookup,
        request: V::Request,
        deadline: Deadline,
        is_stream: bool,
        ended: u64,
    ) -> Subscription
    where
        V::Request: CacheableRequest,
    {
        let key = FlightKey::new(lookup.key, is_stream, self.parts.number);
        let timeouts = request.timeouts();
        let driver = self.clone();
        self.cache().flights.join(key, timeouts, move |flights| {
            // A call that ended after the lookup may have left its response in the cache.
            let is_looked_up = flights.ended() == ended;
            let keep = is_stream.then(|| {
                let driver = driver.clone();
                let keep: Keep = Box::new(move |last| {
                    async move { driver.cache().keep_last(&lookup, last, &deadline).await }.boxed()
                });
                keep
            });
            let opening = async move {
                let Parts { inner, cache, .. } = &*driver.parts;
                // The second lookup is rare, and in a box takes no space in the other futures.
                let found = if is_looked_up { None } else { Box::pin(cache.find(&lookup, &deadline)).await };
                let request = if found.is_some() { request } else { deadline.on(request, &*cache.clock) };
                Ok(match found {
                    Some(response) if is_stream => Opened::Found(response_stream(response)),
                    Some(response) => Opened::Whole(response),
                    None if is_stream => Opened::Chunks(V::send_stream(inner, request).await?),
                    None => {
                        let response = V::send(inner, request).await?;
                        if cache.keep_now(&lookup, &response) {
                            return Ok(Opened::Whole(response));
                        }
                        Opened::Whole(Box::pin(cache.keep(&lookup, response, &deadline)).await)
                    }
                })
            };
            Source::new(keep, opening.boxed())
        })
    }
}

/// The stream of one caller of a call that several callers may share.
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
            Some(Ok(part)) if part.is_final() => {
                Some(Ok(for_caller(&self.cache, &self.shared, part.into_chunk(), self.begin)))
            }
            item => item.map(|item| item.map(Part::into_chunk)),
        })
    }
}

/// Returns the chunk for one caller. The first caller gets the original response, the others get it as a response from the cache.
fn for_caller(cache: &Cache, shared: &Subscription, chunk: StreamChunk, begin: Instant) -> StreamChunk {
    if chunk.response().is_none_or(|response| shared.is_original(response)) {
        return chunk;
    }
    match chunk.into_response() {
        Some(response) => StreamChunk::last(with_times(cached(response), elapsed(cache, begin), true)),
        None => StreamChunk::default(),
    }
}

fn elapsed(cache: &Cache, begin: Instant) -> Duration {
    cache.clock.now().saturating_duration_since(begin)
}

forward!(Cached: 'static);
