//! Lookups, and responses to keep. No failure of a store fails a call.

use super::entry::{self, CACHE};
use super::key::CacheLookup;
use super::mode::CacheMode;
use super::settings::Cache;
use crate::total_limit::Deadline;
use botticelli_core::{GenerateResponse, StreamChunk};
use botticelli_error::{BotticelliError, StoreError, StoreErrorKind};
use std::pin::pin;
use std::task::Poll;
use std::time::SystemTime;

/// Advice for a request that a cache would store.
pub(super) const SEND: &str = "Use the cache mode `on` to send the request.";

/// Advice for a request that a cache does not store.
pub(super) const NEVER: &str = "This request samples, so it is never stored. Set a temperature of 0, or let the cache store such requests (`sampled = true`).";

impl Cache {
    /// Returns the error of a request without a response in the cache, in the mode `only`.
    pub(super) fn no_response(&self, advice: &'static str) -> BotticelliError {
        let error = StoreError::new(CACHE, self.store.place(), StoreErrorKind::NoResponse);
        error.with_advice(advice).into()
    }

    /// Returns the response to a request at once, if the cache is in memory. Pending if [`find`](Self::find) or
    /// [`require`](Self::require) is to be asked.
    pub(super) fn find_now(&self, lookup: &CacheLookup) -> Poll<Option<GenerateResponse>> {
        let Some(store) = self.store.as_memory() else { return Poll::Pending };
        match self.mode {
            CacheMode::Only => return Poll::Pending,
            CacheMode::Refresh => return Poll::Ready(None),
            CacheMode::On => {}
        }
        let Some(entry) = store.get(&lookup.key) else { return Poll::Ready(None) };
        if entry.is_expired(self.clock.wall_time(), self.time_to_live) {
            store.remove(&lookup.key);
            return Poll::Ready(None);
        }
        Poll::Ready(Some(entry::cached(entry.response)))
    }

    /// Keeps a response, if the cache is in memory. Returns whether nothing else is to be done.
    pub(super) fn keep_now(&self, lookup: &CacheLookup, response: &GenerateResponse) -> bool {
        let Some(store) = self.store.as_memory() else { return false };
        if self.is_kept(lookup, response) {
            store.put(lookup, response, self.clock.wall_time());
        }
        true
    }

    /// Returns the response to a request, if the cache has it in time and it is not expired.
    pub(super) async fn find(&self, lookup: &CacheLookup, deadline: &Deadline) -> Option<GenerateResponse> {
        if self.mode == CacheMode::Refresh {
            return None;
        }
        let now = self.clock.wall_time();
        match deadline.bound_by_half(&*self.clock, pin!(self.read(lookup, now))).await {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                tracing::warn!(%error, "the cache cannot be read, so the request is sent");
                None
            }
            None => {
                tracing::warn!(
                    "the cache does not answer in half of the time of a call, so the request is sent"
                );
                self.store.give_up(now);
                None
            }
        }
    }

    /// Returns the response to a request, in the mode `only`.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the cache has no response, or fails. A timeout if it takes too long.
    pub(super) async fn require(
        &self,
        lookup: &CacheLookup,
        deadline: &Deadline,
    ) -> Result<GenerateResponse, BotticelliError> {
        let read = pin!(self.read(lookup, self.clock.wall_time()));
        let found = deadline.bound(&*self.clock, "the cache", read).await??;
        found.ok_or_else(|| self.no_response(SEND))
    }

    /// Reads the response to a request. An expired one is removed. The box keeps the futures of calls small.
    async fn read(
        &self,
        lookup: &CacheLookup,
        now: SystemTime,
    ) -> Result<Option<GenerateResponse>, BotticelliError> {
        match self.store.get(&lookup.key, now).await? {
            Some(entry) if entry.is_expired(now, self.time_to_live) => {
                self.store.remove(&lookup.key, now).await.map(|()| None)
            }
            found => Ok(found.map(|entry| entry::cached(entry.response))),
        }
    }

    /// Keeps a response, and returns it, with a warning if the store fails.
    pub(super) async fn keep(
        &self,
        lookup: &CacheLookup,
        response: GenerateResponse,
        deadline: &Deadline,
    ) -> GenerateResponse {
        match self.put(lookup, &response, deadline).await {
            Some(warning) => response.with_warning(warning),
            None => response,
        }
    }

    /// Keeps the response of a final chunk, and returns the chunk, with a warning if the store fails.
    pub(super) async fn keep_last(
        &self,
        lookup: &CacheLookup,
        last: StreamChunk,
        deadline: &Deadline,
    ) -> StreamChunk {
        let Some(response) = last.response() else { return last };
        let Some(warning) = self.put(lookup, response, deadline).await else { return last };
        last.into_response()
            .map_or_else(StreamChunk::default, |response| StreamChunk::last(response.with_warning(warning)))
    }

    /// Puts a response into the store, if it is to be kept. Returns a warning if the store fails.
    async fn put(
        &self,
        lookup: &CacheLookup,
        response: &GenerateResponse,
        deadline: &Deadline,
    ) -> Option<String> {
        if !self.is_kept(lookup, response) {
            return None;
        }
        let now = self.clock.wall_time();
        let put = pin!(self.store.put(lookup, response, now, self.time_to_live, self.max_bytes));
        let error = deadline.bound(&*self.clock, "the cache", put).await.and_then(|put| put).err()?;
        tracing::warn!(%error, "the cache cannot be written");
        Some(format!("The response was not cached. {error}"))
    }

    /// Returns whether a response is to be kept.
    fn is_kept(&self, lookup: &CacheLookup, response: &GenerateResponse) -> bool {
        // The response of another cache may be old already, and would get another time to live.
        let is_of_unknown_age = response.is_cached() && self.time_to_live.is_some();
        // The response of another route is not that of the request.
        !is_of_unknown_age && response.skipped_routes().is_empty() && entry::is_storable(response, lookup)
    }
}
