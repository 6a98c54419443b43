//! The table `[llm.rate_limit]`.

use super::place::{RATE_LIMIT, SharedPlace};
use crate::store::PlaceName;
use botticelli_core::redact;
use botticelli_error::{BotticelliError, BuilderError, StoreError, StoreErrorKind};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The name of a limit without a name.
#[cfg(feature = "redis")]
const DEFAULT_NAME: &str = "default";

/// The table `[llm.rate_limit]` of a configuration file.
///
/// ```toml
/// [llm.rate_limit]
/// requests_per_minute = 60
/// tokens_per_day = 500_000
/// max_in_flight = 8
/// max_wait = "30 s"
/// store = "redis://127.0.0.1:6379"    # for all machines. Default: "memory", for this process
/// name = "hugging face"               # limits with the same name on one server are one. Default: "default"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) requests_per_minute: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) requests_per_day: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tokens_per_minute: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tokens_per_day: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_in_flight: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::duration")]
    pub(super) max_wait: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) store: Option<PlaceName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

impl RateLimitConfig {
    /// Returns the server of the limit. `None` if the limit is in memory.
    #[track_caller]
    pub(super) fn place(&self) -> Result<Option<SharedPlace>, BotticelliError> {
        let store = self.store.as_deref().unwrap_or("memory").trim();
        let is_address = store.starts_with("redis") && store.contains("://");
        let refused = |reason: &str| {
            let kind = StoreErrorKind::Address { reason: reason.to_owned() };
            let advice = match (cfg!(feature = "redis"), is_address) {
                (true, _) => "Write `memory`, or an address such as `redis://127.0.0.1:6379`.",
                (false, true) => "Enable the feature `redis`, or write `memory`.",
                (false, false) => "Write `memory`.",
            };
            let error = StoreError::new(RATE_LIMIT, redact::address(store), kind);
            Err(BotticelliError::from(error.with_advice(advice)))
        };
        if store == "memory" {
            return match &self.name {
                Some(name) => {
                    let (reason, remedy) =
                        ("only a limit on a server has a name", "add `store`, or remove `name`");
                    Err(BuilderError::refused("RateLimitConfig", "name", name, reason, remedy).into())
                }
                None => Ok(None),
            };
        }
        if !is_address {
            return refused("a rate limit is in \"memory\" or at redis://host:port");
        }
        #[cfg(feature = "redis")]
        return SharedPlace::new(store, self.name.as_deref().unwrap_or(DEFAULT_NAME)).map(Some);
        #[cfg(not(feature = "redis"))]
        refused("a rate limit on Redis needs the feature `redis`")
    }
}
