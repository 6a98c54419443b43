//! Stores of ledgers, caches and rate limits: private SQLite files, and Redis servers.

#[cfg(any(feature = "budget", feature = "cache"))]
mod address;
#[cfg(all(feature = "sqlite", any(feature = "budget", feature = "cache")))]
mod place;
mod place_name;
#[cfg(all(feature = "sqlite", any(feature = "budget", feature = "cache")))]
mod private;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(all(feature = "sqlite", any(feature = "budget", feature = "cache")))]
pub(crate) mod sqlite;
#[cfg(all(feature = "redis", any(feature = "budget", feature = "rate-limit")))]
mod unique_ids;

#[cfg(any(feature = "budget", feature = "cache"))]
pub(crate) use address::StoreAddress;
#[cfg(all(feature = "sqlite", any(feature = "budget", feature = "cache")))]
pub(crate) use place::{path_of, user_file};
pub(crate) use place_name::PlaceName;
#[cfg(all(feature = "redis", any(feature = "budget", feature = "rate-limit")))]
pub(crate) use unique_ids::UniqueIds;
