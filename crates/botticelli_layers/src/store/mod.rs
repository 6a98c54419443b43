//! Stores of ledgers, caches and rate limits: private SQLite files, and Redis servers.

#[cfg(feature = "sqlite")]
mod place;
#[cfg(feature = "sqlite")]
mod private;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

#[cfg(feature = "sqlite")]
pub(crate) use place::{path_of, user_file};
