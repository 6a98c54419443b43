//! Caches in memory.

use super::entry::Entry;
use super::key::Key;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that an entry takes in addition to its response.
const OVERHEAD: usize = 512;

/// Part of the limit by which the entries may exceed it for a moment. To make room takes longer than to add an entry.
const SLACK: u64 = 16;

/// A cache in memory. The entries that were not used for the longest time make room for new ones.
pub(super) struct MemoryStore {
    entries: Cache<Key, (Entry, u32)>,
    slack: u64,
    /// Bytes that were added since room was made.
    added: AtomicU64,
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

impl MemoryStore {
    pub(super) fn new(max_bytes: u64) -> Self {
        let cache = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|_, (_, size): &(Entry, u32)| *size)
            // The default policy may refuse new entries in favor of frequent ones.
            .eviction_policy(EvictionPolicy::lru());
        Self { entries: cache.build(), slack: max_bytes / SLACK, added: AtomicU64::new(0) }
    }

    pub(super) fn get(&self, key: &Key) -> Option<Entry> {
        self.entries.get(key).map(|(entry, _)| entry)
    }

    pub(super) fn put(&self, key: Key, entry: Entry) {
        // The size of the JSON is close to the size in memory, and the same measure as in a file.
        let size = serde_json::to_vec(&*entry.response).map_or(usize::MAX, |json| json.len());
        let size = u32::try_from(size.saturating_add(OVERHEAD)).unwrap_or(u32::MAX);
        self.entries.insert(key, (entry, size));
        let size = u64::from(size);
        if self.added.fetch_add(size, Ordering::Relaxed).saturating_add(size) > self.slack {
            self.added.store(0, Ordering::Relaxed);
            self.entries.run_pending_tasks();
        }
    }

    pub(super) fn remove(&self, key: &Key) {
        self.entries.invalidate(key);
    }

    pub(super) fn clear(&self) {
        self.entries.invalidate_all();
    }
}
