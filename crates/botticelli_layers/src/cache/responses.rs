//! Lookups, and responses to keep. No failure of a store fails a call.

use super::entry::{self, Entry};
use super::key::Question;
use super::settings::Cache;
use botticelli_core::{GenerateResponse, StreamChunk};
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

impl Cache {
    /// Returns the response to a request, if the cache has it and it is not expired.
    pub(super) async fn find(&self, question: &Question) -> Option<GenerateResponse> {
        let now = self.clock.wall_time();
        let found = match self.store.get(&question.key, now).await {
            Ok(Some(entry)) if entry.is_expired(now, self.time_to_live) => {
                self.store.remove(&question.key, now).await.map(|()| None)
            }
            found => found,
        };
        match found {
            Ok(entry) => entry.map(|entry| GenerateResponse::clone(&entry.response)),
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be read, so the request is sent");
                None
            }
        }
    }

    /// Keeps a response, and returns it, with a warning if the store fails.
    pub(super) async fn keep(&self, question: &Question, response: GenerateResponse) -> GenerateResponse {
        // The response of another route is not that of the request.
        let is_of_fallback = !response.skipped_routes().is_empty();
        if is_of_fallback || !entry::is_storable(&response, question) {
            return response;
        }
        let kept = Arc::new(entry::cached(response.clone()));
        let entry = Entry { response: kept, stored_at: self.clock.wall_time() };
        match self.store.put(question.key, entry, self.time_to_live, self.max_bytes).await {
            Ok(()) => response,
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be written");
                response.with_warning(format!("The response was not cached. {error}"))
            }
        }
    }

    /// Returns the stream, which keeps the response of the final chunk before it passes the chunk on.
    pub(super) fn keep_last(&self, question: Question, chunks: ChunkStream) -> ChunkStream {
        KeptStream { cache: self.clone(), question, chunks, last: None }.boxed()
    }
}

struct KeptStream {
    cache: Cache,
    question: Question,
    chunks: ChunkStream,
    /// The final chunk, while its response is kept.
    last: Option<BoxFuture<'static, StreamChunk>>,
}

impl Stream for KeptStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.last.is_none() {
            let chunk = match ready!(this.chunks.poll_next_unpin(cx)) {
                Some(Ok(chunk)) if chunk.is_final() => chunk,
                item => return Poll::Ready(item),
            };
            let (cache, question) = (this.cache.clone(), this.question);
            this.last = chunk.into_response().map(|response| {
                async move { StreamChunk::last(cache.keep(&question, response).await) }.boxed()
            });
        }
        let Some(last) = &mut this.last else { return Poll::Ready(None) };
        let last = ready!(last.poll_unpin(cx));
        this.last = None;
        Poll::Ready(Some(Ok(last)))
    }
}
