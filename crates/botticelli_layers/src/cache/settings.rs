//! The settings of a cache.

use super::flight::Flights;
use super::memory::MemoryStore;
use super::mode::CacheMode;
use super::store::Store;
use crate::clock::SystemClock;
use botticelli_error::{BotticelliError, BuilderError};
use botticelli_interface::Clock;
#[cfg(feature = "sqlite")]
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Default limit of a cache in memory: 64 MiB.
const MEMORY_BYTES: u64 = 64 << 20;

/// Default limit of a cache in a file: 1 GiB.
#[cfg(feature = "sqlite")]
const FILE_BYTES: u64 = 1 << 30;

/// A cache of responses. Clones share the entries. The [module](super) describes the rules.
///
/// ```
/// use botticelli_layers::cache::Cache;
/// use std::time::Duration;
///
/// let cache = Cache::memory().with_time_to_live(Duration::from_secs(3600)).with_max_bytes(1 << 20);
/// assert_eq!(cache.max_bytes(), 1 << 20);
/// ```
#[derive(Clone)]
pub struct Cache {
    pub(super) store: Arc<Store>,
    pub(super) flights: Arc<Flights>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) time_to_live: Option<Duration>,
    pub(super) max_bytes: u64,
    pub(super) is_sampled: bool,
    pub(super) mode: CacheMode,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("store", &self.store)
            .field("time_to_live", &self.time_to_live)
            .field("max_bytes", &self.max_bytes)
            .field("sampled", &self.is_sampled)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl Cache {
    fn of(store: Store, max_bytes: u64) -> Self {
        Self {
            store: Arc::new(store),
            flights: Arc::default(),
            clock: Arc::new(SystemClock),
            time_to_live: None,
            max_bytes,
            is_sampled: false,
            mode: CacheMode::default(),
        }
    }

    /// Returns an empty cache in memory, which ends with the process. Its limit is 64 MiB.
    pub fn memory() -> Self {
        Self::of(Store::Memory(MemoryStore::new(MEMORY_BYTES)), MEMORY_BYTES)
    }

    /// Opens or creates a cache in a SQLite file, which several processes can share. Its limit is 1 GiB.
    ///
    /// The file is private to the user, and contains the responses, but no request and no token. Lookups block the calling task
    /// for tens of microseconds, and for up to 0.25 s if another process holds a lock.
    ///
    /// A damaged file is moved aside and replaced. A file of a newer version of this library is not used, and stays as it is:
    /// requests are sent, and their responses have a warning.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the path cannot be used: a folder, a ledger or another database, a
    /// read-only file, a file that others can read.
    #[cfg(feature = "sqlite")]
    #[track_caller]
    pub fn file(path: impl AsRef<std::path::Path>) -> Result<Self, BotticelliError> {
        Ok(Self::of(Store::File(super::file::FileStore::open(path.as_ref())?), FILE_BYTES))
    }

    /// Opens or creates the cache in the user's data folder: `$XDG_DATA_HOME/botticelli/cache.sqlite`, or in `~/.local/share`.
    ///
    /// # Errors
    ///
    /// As [`file`](Self::file), and if no home folder is known.
    #[cfg(feature = "sqlite")]
    #[track_caller]
    pub fn user() -> Result<Self, BotticelliError> {
        Self::user_of(|name| std::env::var_os(name))
    }

    #[cfg(feature = "sqlite")]
    #[track_caller]
    pub(super) fn user_of(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, BotticelliError> {
        Self::file(crate::store::user_file("cache.sqlite", super::entry::CACHE, variable)?)
    }

    /// Returns the cache on a Redis server, such as `redis://127.0.0.1:6379`, which several machines can share.
    ///
    /// Nothing is sent before the first call. The server limits the size (`maxmemory`), and removes entries after the time to live. A
    /// server that cannot be reached never fails a call, and is not asked again for 5 seconds.
    ///
    /// A server for this cache alone can have the policy `allkeys-lru`. A server with a ledger must not: it would remove the keys of
    /// the ledger too, and a limit would no longer hold. There, set a time to live and `volatile-lru`, which removes only keys that
    /// expire.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the address is not valid.
    #[cfg(feature = "redis")]
    #[track_caller]
    pub fn redis(address: &str) -> Result<Self, BotticelliError> {
        let store = Box::new(super::redis::RedisStore::new(address)?);
        Ok(Self::of(Store::Redis(store), u64::MAX))
    }

    /// Sets the age at which an entry expires. Default: none.
    pub fn with_time_to_live(mut self, time_to_live: impl Into<Option<Duration>>) -> Self {
        self.time_to_live = time_to_live.into();
        self
    }

    /// Sets the limit for the size of all entries, in bytes. The entries that were not used for the longest time are removed.
    ///
    /// The size of an entry is about the size of its JSON, and a fixed amount. A cache in memory begins empty. A Redis server has its own limit, so this one is [refused](Self::validate).
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        if self.store.is_memory() {
            self.store = Arc::new(Store::Memory(MemoryStore::new(max_bytes)));
        }
        self.max_bytes = max_bytes;
        self
    }

    /// Sets whether requests that sample are cached too: those with a temperature above 0, or without one. Default: `false`.
    ///
    /// With `true`, the same request gets the same response each time, although the model would vary it.
    pub fn with_sampled(mut self, is_sampled: bool) -> Self {
        self.is_sampled = is_sampled;
        self
    }

    /// Sets the use of the cache. Default: [`CacheMode::On`].
    pub fn with_mode(mut self, mode: CacheMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets the source of time, for tests.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings. A call checks this too.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] for a size or a time to live of 0, and for a size on a Redis server.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        let refused = |field: &'static str, value: String, reason: &'static str, remedy: &'static str| {
            Err(BuilderError::refused("Cache", field, value, reason, remedy).into())
        };
        if self.store.is_server() && self.max_bytes != u64::MAX {
            let remedy = "remove it, and set `maxmemory` on the server";
            return refused(
                "max_bytes",
                self.max_bytes.to_string(),
                "a Redis server has its own limit",
                remedy,
            );
        }
        if self.max_bytes == 0 {
            let remedy = "give a size in bytes, or remove the cache";
            return refused("max_bytes", "0".to_owned(), "a cache of this size keeps nothing", remedy);
        }
        if self.time_to_live == Some(Duration::ZERO) {
            let remedy = "give a time such as \"30 days\", or remove the cache";
            return refused("time_to_live", "0".to_owned(), "an entry would expire at once", remedy);
        }
        Ok(())
    }

    /// Returns the age at which an entry expires. `None` if entries do not expire.
    pub fn time_to_live(&self) -> Option<Duration> {
        self.time_to_live
    }

    /// Returns the limit for the size of all entries, in bytes.
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Returns whether requests that sample are cached too.
    pub fn is_sampled(&self) -> bool {
        self.is_sampled
    }

    /// Returns the use of the cache.
    pub fn mode(&self) -> CacheMode {
        self.mode
    }

    /// Removes all entries. A file gives the space back to the disk, unless another process uses it at that moment.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the store fails.
    pub async fn clear(&self) -> Result<(), BotticelliError> {
        self.store.clear(self.clock.wall_time()).await
    }
}
