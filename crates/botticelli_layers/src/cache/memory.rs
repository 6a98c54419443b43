//! Caches in memory.

use super::entry::Entry;
use super::key::Key;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::fmt;

/// Bytes that an entry takes in addition to its response.
const OVERHEAD: usize = 512;

/// A cache in memory. The entries that were not used for the longest time make room for new ones.
pub(super) struct MemoryStore(Cache<Key, (Entry, u32)>);

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
        Self(cache.build())
    }

    pub(super) fn get(&self, key: &Key) -> Option<Entry> {
        self.0.get(key).map(|(entry, _)| entry)
    }

    pub(super) fn put(&self, key: Key, entry: Entry) {
        // The size of the JSON is close to the size in memory, and the same measure as in a file.
        let size = serde_json::to_vec(&*entry.response).map_or(usize::MAX, |json| json.len());
        let size = u32::try_from(size.saturating_add(OVERHEAD)).unwrap_or(u32::MAX);
        self.0.insert(key, (entry, size));
        // Without this, the cache exceeds its size until a later call.
        self.0.run_pending_tasks();
    }

    pub(super) fn remove(&self, key: &Key) {
        self.0.invalidate(key);
    }

    pub(super) fn clear(&self) {
        self.0.invalidate_all();
    }
}
