//! Stores of ledgers, caches and rate limits: private SQLite files, and Redis servers.

#[cfg(any(feature = "budget", feature = "cache"))]
mod address;
#[cfg(feature = "sqlite")]
mod place;
#[cfg(feature = "sqlite")]
mod private;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(feature = "redis")]
mod unique_ids;

#[cfg(any(feature = "budget", feature = "cache"))]
pub(crate) use address::StoreAddress;
#[cfg(feature = "sqlite")]
pub(crate) use place::{path_of, user_file};
#[cfg(feature = "redis")]
pub(crate) use unique_ids::UniqueIds;
