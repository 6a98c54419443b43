//! The ledger of a budget.

use super::memory::MemoryLedger;
use super::report::LedgerReport;
use super::store::{LEDGER, LedgerStore};
use crate::store::StoreAddress;
use botticelli_error::BotticelliError;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

/// The record of spent and reserved amounts. Clones share it.
///
/// | ledger | shared by |
/// | --- | --- |
/// | [`memory`](Self::memory) | the clones of one budget |
/// | `file`, `user` (feature `sqlite`) | all processes on a machine |
/// | `redis` (feature `redis`) | all machines |
///
/// It records counts and costs, never a text or a token.
#[derive(Clone)]
pub struct Ledger(pub(super) Arc<dyn LedgerStore>);

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Ledger {
    /// Returns an empty ledger in memory, which ends with the process.
    pub fn memory() -> Self {
        Self(Arc::new(MemoryLedger::default()))
    }

    /// Opens or creates a ledger in a `SQLite` file, which several processes can share.
    ///
    /// A killed process loses nothing that it spent: what it had reserved stays reserved. A power failure may undo the operations of the
    /// last moments, because a write that waits for the disk takes many times longer. The file is private to the user.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the file cannot be used: a folder, a file of another kind or of a newer
    /// version, a file that others can read.
    #[cfg(feature = "sqlite")]
    #[track_caller]
    pub fn file(path: impl AsRef<std::path::Path>) -> Result<Self, BotticelliError> {
        Ok(Self(Arc::new(super::sqlite::SqliteLedger::open(path.as_ref())?)))
    }

    /// Opens or creates the ledger in the user's data folder: `$XDG_DATA_HOME/botticelli/ledger.sqlite`, or in
    /// `~/.local/share`.
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
    fn user_of(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, BotticelliError> {
        Self::file(crate::store::user_file("ledger.sqlite", LEDGER, variable)?)
    }

    /// Returns the ledger on a Redis server, such as `redis://127.0.0.1:6379`, which several machines can share.
    ///
    /// Nothing is sent yet. A call is refused if the server cannot be reached, because its limit could not hold. The server cannot be a node
    /// of a cluster.
    ///
    /// If the server loses keys, the budget counts their amounts as not spent. Set `maxmemory-policy noeviction`, so that a full server
    /// refuses calls instead of removing keys, and `appendonly yes`, so that the ledger outlives a restart. Keep a cache on another
    /// server, or set `volatile-lru` and give the cache a time to live.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the address is not valid.
    #[cfg(feature = "redis")]
    #[track_caller]
    pub fn redis(address: &str) -> Result<Self, BotticelliError> {
        Ok(Self(Arc::new(super::redis::RedisLedger::new(address)?)))
    }

    /// Opens the ledger that a configuration names: `memory`, `user`, the path of a file, or `redis://host:port`.
    ///
    /// # Errors
    ///
    /// As [`file`](Self::file), and for an address of an unknown kind or a feature that is off.
    #[track_caller]
    pub fn open(place: &str) -> Result<Self, BotticelliError> {
        Self::open_in(place, |name| std::env::var_os(name))
    }

    /// Opens the ledger that a configuration names, as [`open`](Self::open), with the variables of another environment than the
    /// process's. They name the user's folders.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    #[track_caller]
    pub fn open_in(
        place: &str,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, BotticelliError> {
        #[cfg(not(feature = "sqlite"))]
        let _ = variable;
        match StoreAddress::parse(place, LEDGER)? {
            StoreAddress::Memory => Ok(Self::memory()),
            #[cfg(feature = "redis")]
            StoreAddress::Redis(address) => Self::redis(&address),
            #[cfg(feature = "sqlite")]
            StoreAddress::User => Self::user_of(variable),
            #[cfg(feature = "sqlite")]
            StoreAddress::Path(path) => Self::file(crate::store::path_of(&path, LEDGER, variable)?),
        }
    }

    /// Returns the spent and held amounts by day, model and provider.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the store fails.
    pub async fn report(&self) -> Result<LedgerReport, BotticelliError> {
        self.0.report().await
    }

    /// Forgets that the service reported no credits for an account (or a [credit account](super::Budget::with_credit_account)), for
    /// example after credits were added. Calls are sent again.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the store fails.
    pub async fn clear_exhausted(&self, account: &str) -> Result<(), BotticelliError> {
        self.0.clear_exhausted(account).await
    }
}
