//! The table `[llm.rate_limit]`.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The table `[llm.rate_limit]` of a configuration file.
///
/// ```toml
/// [llm.rate_limit]
/// requests_per_minute = 60
/// tokens_per_day = 500_000
/// max_in_flight = 8
/// max_wait = "30 s"
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
}
