//! The place of the entries.

#[cfg(feature = "redis")]
use super::entry::CACHE;
use super::entry::Entry;
#[cfg(feature = "sqlite")]
use super::file::FileStore;
use super::key::{CacheLookup, Key};
use super::memory::MemoryStore;
#[cfg(feature = "redis")]
use super::redis::RedisStore;
use botticelli_core::GenerateResponse;
use botticelli_error::BotticelliError;
#[cfg(feature = "redis")]
use botticelli_error::{StoreError, StoreErrorKind};
use std::fmt;
use std::time::{Duration, SystemTime};

/// The place of the entries: memory, a file, or a server.
pub(super) enum Store {
    Memory(MemoryStore),
    #[cfg(feature = "sqlite")]
    File(FileStore),
    #[cfg(feature = "redis")]
    Redis(Box<RedisStore>),
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(store) => fmt::Debug::fmt(store, f),
            #[cfg(feature = "sqlite")]
            Self::File(store) => fmt::Debug::fmt(store, f),
            #[cfg(feature = "redis")]
            Self::Redis(store) => fmt::Debug::fmt(store, f),
        }
    }
}

#[cfg_attr(not(feature = "redis"), allow(clippy::unused_async, reason = "a server answers later"))]
impl Store {
    pub(super) fn is_memory(&self) -> bool {
        matches!(self, Self::Memory(_))
    }

    /// Returns the store in memory, which answers at once.
    #[cfg_attr(
        not(any(feature = "redis", feature = "sqlite")),
        allow(clippy::unnecessary_wraps, reason = "there are other stores")
    )]
    pub(super) fn as_memory(&self) -> Option<&MemoryStore> {
        match self {
            Self::Memory(store) => Some(store),
            #[cfg(any(feature = "redis", feature = "sqlite"))]
            _ => None,
        }
    }

    /// Returns the name of the place, without a password.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Memory(_) => "memory".to_owned(),
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.path().display().to_string(),
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.place().to_owned(),
        }
    }

    /// Returns whether the entries are on a server.
    pub(super) fn is_server(&self) -> bool {
        match self {
            #[cfg(feature = "redis")]
            Self::Redis(_) => true,
            _ => false,
        }
    }

    /// Records that a lookup took too long. A server is then not asked again for some time.
    pub(super) fn give_up(&self, now: SystemTime) {
        match self {
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.give_up(now),
            _ => {
                let _ = now;
            }
        }
    }

    pub(super) async fn get(&self, key: &Key, now: SystemTime) -> Result<Option<Entry>, BotticelliError> {
        match self {
            Self::Memory(store) => {
                let _ = now;
                Ok(store.get(key))
            }
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.get(key, now),
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.get(key, now).await,
        }
    }

    pub(super) async fn put(
        &self,
        lookup: &CacheLookup,
        response: &GenerateResponse,
        stored_at: SystemTime,
        time_to_live: Option<Duration>,
        max_bytes: u64,
    ) -> Result<(), BotticelliError> {
        match self {
            Self::Memory(store) => {
                let _ = (time_to_live, max_bytes);
                store.put(lookup, response, stored_at);
                Ok(())
            }
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.put(&lookup.key, &entry(lookup, response, stored_at), max_bytes),
            #[cfg(feature = "redis")]
            Self::Redis(store) => {
                store.put(&lookup.key, &entry(lookup, response, stored_at), time_to_live).await
            }
        }
    }

    pub(super) async fn remove(&self, key: &Key, now: SystemTime) -> Result<(), BotticelliError> {
        match self {
            Self::Memory(store) => {
                let _ = now;
                store.remove(key);
                Ok(())
            }
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.remove(key),
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.remove(key, now).await,
        }
    }

    /// Returns the entries with their sizes, in bytes.
    #[cfg_attr(
        not(any(feature = "redis", feature = "sqlite")),
        allow(clippy::unnecessary_wraps, reason = "a file and a server can fail")
    )]
    pub(super) fn list(&self) -> Result<Vec<(Key, Entry, u64)>, BotticelliError> {
        match self {
            Self::Memory(store) => Ok(store.list()),
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.list(),
            #[cfg(feature = "redis")]
            Self::Redis(_) => {
                let reason = "a Redis server cannot list its entries without blocking its other users";
                let kind = StoreErrorKind::Failed { reason: reason.to_owned() };
                let error = StoreError::new(CACHE, self.place(), kind);
                Err(error.with_advice("Use the tools of the server.").into())
            }
        }
    }

    /// Gives the space of removed entries back to the disk, if there is much of it.
    #[cfg_attr(not(feature = "sqlite"), allow(clippy::unnecessary_wraps, reason = "a file can fail"))]
    pub(super) fn shrink(&self) -> Result<(), BotticelliError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.shrink(),
            _ => Ok(()),
        }
    }

    pub(super) async fn clear(&self, now: SystemTime) -> Result<(), BotticelliError> {
        match self {
            Self::Memory(store) => {
                let _ = now;
                store.clear();
                Ok(())
            }
            #[cfg(feature = "sqlite")]
            Self::File(store) => store.clear(),
            #[cfg(feature = "redis")]
            Self::Redis(store) => store.clear(now).await,
        }
    }
}

/// Returns the entry of a response outside of memory.
#[cfg(any(feature = "redis", feature = "sqlite"))]
fn entry(lookup: &CacheLookup, response: &GenerateResponse, stored_at: SystemTime) -> Entry {
    let response = super::entry::stored(response.clone());
    Entry { response, stored_at, kind: Some(lookup.kind.into()) }
}
