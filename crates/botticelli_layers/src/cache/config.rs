//! The table `[llm.cache]`.

use super::entry::CACHE;
use super::mode::CacheMode;
use super::settings::Cache;
use crate::store::{PlaceName, StoreAddress};
use botticelli_error::BotticelliError;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::time::Duration;

/// The table `[llm.cache]` of a configuration file.
///
/// ```toml
/// [llm.cache]
/// store = "memory"            # or "user": a file in the user's data folder; the path of a file; or redis://host:port
/// time_to_live = "30 days"    # or "90 s", "15 min", "12 h", or a number of seconds
/// max_bytes = 67108864        # size of all entries
/// sampled = false             # true: cache requests with a temperature above 0, or without one, too
/// mode = "on"                 # "only": send nothing; "refresh": send every request, and replace its response
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<PlaceName>,
    #[serde(with = "crate::duration", skip_serializing_if = "Option::is_none")]
    time_to_live: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u64>,
    sampled: bool,
    mode: CacheMode,
}

impl Cache {
    /// Returns the cache of a configuration.
    ///
    /// # Errors
    ///
    /// Those of [`validate`](Self::validate) and of [`open`](Self::open).
    #[track_caller]
    pub fn from_config(config: &CacheConfig) -> Result<Self, BotticelliError> {
        Self::from_config_in(config, |name| std::env::var_os(name))
    }

    /// Returns the cache of a configuration, with the variables of another environment than the process's. They name the user's folders.
    ///
    /// # Errors
    ///
    /// As [`from_config`](Self::from_config).
    #[track_caller]
    pub fn from_config_in(
        config: &CacheConfig,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, BotticelliError> {
        let cache = Self::open_in(config.store.as_deref().unwrap_or("memory"), variable)?
            .with_sampled(config.sampled)
            .with_mode(config.mode)
            .with_time_to_live(config.time_to_live);
        let cache = match config.max_bytes {
            Some(max_bytes) => cache.with_max_bytes(max_bytes),
            None => cache,
        };
        cache.validate()?;
        Ok(cache)
    }

    /// Opens the cache that a configuration names: `memory`, `user`, the path of a file, or `redis://host:port`.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) for an empty name, an address of an unknown kind, a feature that is off, and
    /// for a file that cannot be a cache.
    #[track_caller]
    pub fn open(place: &str) -> Result<Self, BotticelliError> {
        Self::open_in(place, |name| std::env::var_os(name))
    }

    /// Opens the cache that a configuration names, as [`open`](Self::open), with the variables of another environment than the process's.
    /// They name the user's folders.
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
        match StoreAddress::parse(place, CACHE)? {
            StoreAddress::Memory => Ok(Self::memory()),
            #[cfg(feature = "redis")]
            StoreAddress::Redis(address) => Self::redis(&address),
            #[cfg(feature = "sqlite")]
            StoreAddress::User => Self::user_of(variable),
            #[cfg(feature = "sqlite")]
            StoreAddress::Path(path) => Self::file(crate::store::path_of(&path, CACHE, variable)?),
        }
    }
}
