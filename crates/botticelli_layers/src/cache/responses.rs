//! Lookups, and responses to keep. No failure of a store fails a call.

use super::entry::{self, Entry};
use super::key::Question;
use super::settings::Cache;
use botticelli_core::{GenerateResponse, StreamChunk};
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use futures::{Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

impl Cache {
    /// Returns the response to a request, if the cache has it and it is not expired.
    pub(super) fn find(&self, question: &Question) -> Option<GenerateResponse> {
        let now = self.clock.wall_time();
        let found = self.store.get(&question.key, now).and_then(|entry| match entry {
            Some(entry) if entry.is_expired(now, self.time_to_live) => {
                self.store.remove(&question.key).map(|()| None)
            }
            entry => Ok(entry),
        });
        match found {
            Ok(entry) => entry.map(|entry| GenerateResponse::clone(&entry.response)),
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be read, so the request is sent");
                None
            }
        }
    }

    /// Keeps a response, and returns it, with a warning if the store fails.
    pub(super) fn keep(&self, question: &Question, response: GenerateResponse) -> GenerateResponse {
        if !entry::is_storable(&response, question) {
            return response;
        }
        let kept = Arc::new(entry::cached(response.clone()));
        let entry = Entry { response: kept, stored_at: self.clock.wall_time() };
        match self.store.put(question.key, entry, self.max_bytes) {
            Ok(()) => response,
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be written");
                response.with_warning(format!("The response was not cached. {error}"))
            }
        }
    }

    /// Returns the stream, which keeps the response of the final chunk.
    pub(super) fn keep_last(&self, question: Question, chunks: ChunkStream) -> ChunkStream {
        KeptStream { cache: self.clone(), question, chunks }.boxed()
    }
}

struct KeptStream {
    cache: Cache,
    question: Question,
    chunks: ChunkStream,
}

impl Stream for KeptStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(match ready!(self.chunks.poll_next_unpin(cx)) {
            Some(Ok(chunk)) if chunk.is_final() => chunk
                .into_response()
                .map(|response| Ok(StreamChunk::last(self.cache.keep(&self.question, response)))),
            item => item,
        })
    }
}
