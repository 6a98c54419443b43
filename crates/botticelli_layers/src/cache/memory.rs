//! Caches in memory.

use super::entry::Entry;
use super::key::{CacheLookup, Key};
use super::packed::Packed;
use super::recency::RecencyMap;
use botticelli_core::GenerateResponse;
use std::fmt;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Bytes that an entry takes in addition to its response.
const OVERHEAD: usize = 512;

/// A cache in memory. The entries that were not used for the longest time make room for new ones.
pub(super) struct MemoryStore {
    entries: Mutex<Entries>,
    max_bytes: u64,
}

#[derive(Default)]
struct Entries {
    by_key: RecencyMap<Stored>,
    /// Size of all entries.
    bytes: u64,
}

/// An entry with its size.
struct Stored {
    response: Packed,
    stored_at: SystemTime,
    kind: &'static str,
    bytes: u64,
}

impl Stored {
    fn entry(&self) -> Option<Entry> {
        let response = self.response.unpack()?;
        Some(Entry { response, stored_at: self.stored_at, kind: Some(self.kind.into()) })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

impl MemoryStore {
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { entries: Mutex::default(), max_bytes }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, key: &Key) -> Option<Entry> {
        self.entries().by_key.get(key).and_then(Stored::entry)
    }

    pub(super) fn put(&self, lookup: &CacheLookup, response: &GenerateResponse, stored_at: SystemTime) {
        let (key, response) = (lookup.key, Packed::new(response));
        let bytes = u64::try_from(response.size().saturating_add(OVERHEAD)).unwrap_or(u64::MAX);
        // A larger entry would remove all others, and then itself.
        if bytes > self.max_bytes {
            self.remove(&key);
            return;
        }
        // Declared before the lock, and so dropped after it.
        let mut removed = Vec::new();
        let mut entries = self.entries();
        removed.extend(entries.by_key.put(key, Stored { response, stored_at, kind: lookup.kind, bytes }));
        entries.bytes = entries.bytes.saturating_add(bytes);
        entries.bytes = removed.iter().fold(entries.bytes, |total, old| total.saturating_sub(old.bytes));
        while entries.bytes > self.max_bytes {
            let Some(oldest) = entries.by_key.remove_oldest() else { break };
            entries.bytes = entries.bytes.saturating_sub(oldest.bytes);
            removed.push(oldest);
        }
    }

    /// Returns the entries with their sizes.
    pub(super) fn list(&self) -> Vec<(Key, Entry, u64)> {
        let entries = self.entries();
        entries.by_key.iter().filter_map(|(key, found)| Some((*key, found.entry()?, found.bytes))).collect()
    }

    pub(super) fn remove(&self, key: &Key) {
        let mut entries = self.entries();
        let removed = entries.by_key.remove(key);
        let bytes = removed.as_ref().map_or(0, |removed| removed.bytes);
        entries.bytes = entries.bytes.saturating_sub(bytes);
        drop(entries);
        drop(removed);
    }

    pub(super) fn clear(&self) {
        let removed = mem::take(&mut *self.entries());
        drop(removed);
    }
}
