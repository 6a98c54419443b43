//! Caches in memory.

use super::entry::Entry;
use super::key::Key;
use botticelli_core::{GenerateResponse, Output};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that an entry takes in addition to its response.
const OVERHEAD: usize = 512;

/// Bytes of the numbers of a response and of the names of its fields, as JSON.
const NUMBERS: usize = 300;

/// The entries may exceed the limit by its 16th part for a moment, because removing old entries takes longer than adding one.
const SLACK: u64 = 16;

/// A cache in memory. The entries that were not used for the longest time make room for new ones.
pub(super) struct MemoryStore {
    entries: Cache<Key, (Entry, u32)>,
    slack: u64,
    /// Bytes that were added since room was made.
    added: AtomicU64,
}

/// Returns the size of a response that has little more than a text. Its JSON would take longer to write than the entry.
fn text_size(response: &GenerateResponse) -> Option<usize> {
    let is_plain = response.alternatives().is_empty()
        && response.logprobs().is_none()
        && response.routing().is_none()
        && response.warnings().is_empty();
    let [Output::Text(text)] = response.outputs() else { return None };
    let names = [
        response.requested_model(),
        response.model(),
        response.provider(),
        response.id(),
        response.request_id(),
    ];
    let names = names.into_iter().flatten().map(str::len).fold(NUMBERS, usize::saturating_add);
    is_plain.then_some(text.len().saturating_add(names))
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
        let size = text_size(&entry.response);
        // The size of the JSON is close to the size in memory, and the same measure as in a file.
        let size = size
            .unwrap_or_else(|| serde_json::to_vec(&*entry.response).map_or(usize::MAX, |json| json.len()));
        let size = u32::try_from(size.saturating_add(OVERHEAD)).unwrap_or(u32::MAX);
        self.entries.insert(key, (entry, size));
        let size = u64::from(size);
        if self.added.fetch_add(size, Ordering::Relaxed).saturating_add(size) > self.slack {
            self.added.store(0, Ordering::Relaxed);
            self.entries.run_pending_tasks();
        }
    }

    /// Returns the entries with their sizes.
    pub(super) fn list(&self) -> Vec<(Key, Entry, u64)> {
        self.entries.iter().map(|(key, (entry, size))| (*key, entry, u64::from(size))).collect()
    }

    pub(super) fn remove(&self, key: &Key) {
        self.entries.invalidate(key);
    }

    pub(super) fn clear(&self) {
        self.entries.invalidate_all();
    }
}
