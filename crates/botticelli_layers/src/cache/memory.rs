//! Caches in memory.

use super::entry::Entry;
use super::key::Key;
use super::key_hash::KeyHashes;
use botticelli_core::{GenerateResponse, Output};
use lru::LruCache;
use std::fmt;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that an entry takes in addition to its response.
const OVERHEAD: usize = 512;

/// Bytes of the numbers of a response and of the names of its fields, as JSON.
const NUMBERS: usize = 300;

/// A cache in memory. The entries that were not used for the longest time make room for new ones.
pub(super) struct MemoryStore {
    entries: Mutex<Entries>,
    max_bytes: u64,
}

struct Entries {
    by_key: LruCache<Key, Stored, KeyHashes>,
    /// Size of all entries.
    bytes: u64,
}

/// An entry with its size.
struct Stored {
    entry: Entry,
    bytes: u64,
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
        let entries = Entries { by_key: LruCache::unbounded_with_hasher(KeyHashes::default()), bytes: 0 };
        Self { entries: Mutex::new(entries), max_bytes }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, key: &Key) -> Option<Entry> {
        self.entries().by_key.get(key).map(|found| found.entry.clone())
    }

    pub(super) fn put(&self, key: Key, entry: Entry) {
        let size = text_size(&entry.response);
        // The size of the JSON is close to the size in memory, and the same measure as in a file.
        let size = size
            .unwrap_or_else(|| serde_json::to_vec(&*entry.response).map_or(usize::MAX, |json| json.len()));
        let bytes = u64::try_from(size.saturating_add(OVERHEAD)).unwrap_or(u64::MAX);
        // A larger entry would remove all others, and then itself.
        if bytes > self.max_bytes {
            self.remove(&key);
            return;
        }
        // Declared before the lock, and so dropped after it.
        let mut removed = Vec::new();
        let mut entries = self.entries();
        removed.extend(entries.by_key.put(key, Stored { entry, bytes }));
        entries.bytes = entries.bytes.saturating_add(bytes);
        entries.bytes = removed.iter().fold(entries.bytes, |total, old| total.saturating_sub(old.bytes));
        while entries.bytes > self.max_bytes {
            let Some((_, oldest)) = entries.by_key.pop_lru() else { break };
            entries.bytes = entries.bytes.saturating_sub(oldest.bytes);
            removed.push(oldest);
        }
    }

    /// Returns the entries with their sizes.
    pub(super) fn list(&self) -> Vec<(Key, Entry, u64)> {
        let entries = self.entries();
        entries.by_key.iter().map(|(key, found)| (*key, found.entry.clone(), found.bytes)).collect()
    }

    pub(super) fn remove(&self, key: &Key) {
        let mut entries = self.entries();
        let removed = entries.by_key.pop(key);
        let bytes = removed.as_ref().map_or(0, |removed| removed.bytes);
        entries.bytes = entries.bytes.saturating_sub(bytes);
        drop(entries);
        drop(removed);
    }

    pub(super) fn clear(&self) {
        let mut entries = self.entries();
        let removed =
            mem::replace(&mut entries.by_key, LruCache::unbounded_with_hasher(KeyHashes::default()));
        entries.bytes = 0;
        drop(entries);
        drop(removed);
    }
}
