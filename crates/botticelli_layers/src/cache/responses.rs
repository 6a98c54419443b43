//! Lookups, and responses to keep. No failure of a store fails a call.

use super::entry::{self, Entry};
use super::key::CacheLookup;
use super::settings::Cache;
use crate::total_limit::Deadline;
use botticelli_core::GenerateResponse;
use std::sync::Arc;

impl Cache {
    /// Returns the response to a request, if the cache has it in time and it is not expired.
    pub(super) async fn find(&self, lookup: &CacheLookup, deadline: &Deadline) -> Option<GenerateResponse> {
        let now = self.clock.wall_time();
        let read = async {
            match self.store.get(&lookup.key, now).await {
                Ok(Some(entry)) if entry.is_expired(now, self.time_to_live) => {
                    self.store.remove(&lookup.key, now).await.map(|()| None)
                }
                found => found,
            }
        };
        match deadline.bound_by_half(&*self.clock, read).await {
            Some(Ok(entry)) => entry.map(|entry| GenerateResponse::clone(&entry.response)),
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

    /// Keeps a response, and returns it, with a warning if the store fails.
    pub(super) async fn keep(
        &self,
        lookup: &CacheLookup,
        response: GenerateResponse,
        deadline: &Deadline,
    ) -> GenerateResponse {
        // The response of another route is not that of the request.
        let is_of_fallback = !response.skipped_routes().is_empty();
        if is_of_fallback || !entry::is_storable(&response, lookup) {
            return response;
        }
        let kept = Arc::new(entry::cached(response.clone()));
        let entry = Entry { response: kept, stored_at: self.clock.wall_time() };
        let put = self.store.put(lookup.key, entry, self.time_to_live, self.max_bytes);
        match deadline.bound(&*self.clock, "the cache", put).await.and_then(|put| put) {
            Ok(()) => response,
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be written");
                response.with_warning(format!("The response was not cached. {error}"))
            }
        }
    }
}
