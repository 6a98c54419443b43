//! The entries of a cache, as a person or a program lists them.

use super::entry::Entry;
use super::key::Key;
use super::settings::Cache;
use botticelli_core::GenerateResponse;
use botticelli_error::BotticelliError;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

/// An entry of a cache: a response, and when it was stored. The request is not stored.
#[derive(Clone, Debug)]
pub struct CacheEntry {
    response: Arc<GenerateResponse>,
    stored_at: SystemTime,
    bytes: u64,
    kind: Option<Cow<'static, str>>,
}

impl CacheEntry {
    /// Returns the response, with the cost of the original call, which each use of the entry saves.
    pub fn response(&self) -> &GenerateResponse {
        &self.response
    }

    /// Returns the time at which the response was stored.
    pub fn stored_at(&self) -> SystemTime {
        self.stored_at
    }

    /// Returns the kind of the request: `chat`, `text`, or a task such as `embedding`. `None` if an older version stored the entry.
    ///
    /// The text of the response of a task is JSON.
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// Returns the size of the entry, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl From<(Entry, u64)> for CacheEntry {
    fn from((entry, bytes): (Entry, u64)) -> Self {
        Self { response: entry.response.into(), stored_at: entry.stored_at, bytes, kind: entry.kind }
    }
}

impl Cache {
    /// Returns the entries that are not expired, the newest first, up to `limit`.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the store fails, and for a Redis server, which cannot list its keys without
    /// blocking its other users.
    pub fn entries(&self, limit: usize) -> Result<Vec<CacheEntry>, BotticelliError> {
        let entries = self.unexpired()?.into_iter().map(|(_, entry)| entry);
        Ok(entries.take(limit).collect())
    }

    /// Removes the entries for which `keep` returns `false`, and returns their number. A file gives the space back to the disk if
    /// that is at least half of the file, and if no other process uses it at that moment.
    ///
    /// # Errors
    ///
    /// As [`entries`](Self::entries).
    pub async fn retain(&self, keep: impl Fn(&CacheEntry) -> bool + Send) -> Result<usize, BotticelliError> {
        let removed: Vec<Key> =
            self.unexpired()?.iter().filter(|(_, entry)| !keep(entry)).map(|(key, _)| *key).collect();
        let now = self.clock.wall_time();
        for key in &removed {
            self.store.remove(key, now).await?;
        }
        if !removed.is_empty() {
            self.store.shrink()?;
        }
        Ok(removed.len())
    }

    fn unexpired(&self) -> Result<Vec<(Key, CacheEntry)>, BotticelliError> {
        let now = self.clock.wall_time();
        let listed = self.store.list()?.into_iter();
        let fresh = listed.filter(|(_, entry, _)| !entry.is_expired(now, self.time_to_live));
        let mut fresh: Vec<_> = fresh.map(|(key, entry, bytes)| (key, (entry, bytes).into())).collect();
        fresh.sort_by_key(|(_, entry): &(Key, CacheEntry)| std::cmp::Reverse(entry.stored_at));
        Ok(fresh)
    }
}
