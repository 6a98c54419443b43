//! The place of the entries.

use super::entry::Entry;
#[cfg(feature = "sqlite")]
use super::file::FileStore;
use super::key::Key;
use super::memory::MemoryStore;
use botticelli_error::BotticelliError;
use std::fmt;
use std::time::SystemTime;

/// The place of the entries: memory, or a file. No operation waits for anything but a disk.
pub(super) enum Store {
    Memory(MemoryStore),
    #[cfg(feature = "sqlite")]
    File(FileStore),
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(store) => fmt::Debug::fmt(store, f),
            #[cfg(feature = "sqlite")]
            Self::File(store) => fmt::Debug::fmt(store, f),
        }
    }
}

#[cfg_attr(not(feature = "sqlite"), expect(clippy::unnecessary_wraps, reason = "a file can fail"))]
impl Store {
    pub(super) fn is_memory(&self) -> bool {
        matches!(self, Self::Memory(_))
    }

    pub(super) fn get(&self, key: &Key, now: SystemTime) -> Result<Option<Entry>, BotticelliError> {
        match self {
            Self::Memory(store) => {
                let _ = now;
                Ok(store.get(key))
            }
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.get(key, now),
        }
    }

    pub(super) fn put(&self, key: Key, entry: Entry, max_bytes: u64) -> Result<(), BotticelliError> {
        match self {
            Self::Memory(store) => {
                let _ = max_bytes;
                store.put(key, entry);
                Ok(())
            }
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.put(&key, &entry, max_bytes),
        }
    }

    pub(super) fn remove(&self, key: &Key) -> Result<(), BotticelliError> {
        match self {
            Self::Memory(store) => {
                store.remove(key);
                Ok(())
            }
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.remove(key),
        }
    }

    pub(super) fn clear(&self) -> Result<(), BotticelliError> {
        match self {
            Self::Memory(store) => {
                store.clear();
                Ok(())
            }
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.clear(),
        }
    }
}
