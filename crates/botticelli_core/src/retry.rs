//! How often a call is tried again: the table `[llm.retry]`, and what came of it.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often a call is tried again, and how long it waits before.
///
/// The waits double from `base_delay` to `max_delay`, and each is a random part of that (full jitter), so that many
/// clients do not come back at once. What the service asks for goes first. No wait is shorter than 0.1 s, and 0.5 s for a
/// model that is being loaded, whatever is set or asked for. In TOML a time is a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryConfig {
    /// How often, at most, after the first attempt. Default: 3. 0: never.
    pub max_retries: u32,
    /// The longest wait before the first retry. Default: 0.5 s.
    #[serde(with = "seconds")]
    pub base_delay: Duration,
    /// The longest wait before any retry. Default: 8 s.
    #[serde(with = "seconds")]
    pub max_delay: Duration,
    /// The longest wait that the service may ask for. Where it asks for more, the error comes at once, and says how
    /// long. Default: 60 s.
    #[serde(with = "seconds")]
    pub max_hint: Duration,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_retries: 3,
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(8),
            max_hint: Duration::from_secs(60),
        }
    }
}

impl RetryConfig {
    /// Every call is made once.
    pub fn never() -> Self {
        Self { max_retries: 0, ..Self::default() }
    }
}

/// An attempt that failed, and was made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    reason: String,
    wait: Duration,
}

impl Retry {
    /// It failed for `reason`, and was made again after `wait`.
    pub fn new(reason: impl Into<String>, wait: Duration) -> Self {
        Self { reason: reason.into(), wait }
    }

    /// Why it failed: the message of its error.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// How long the next attempt waited.
    pub fn wait(&self) -> Duration {
        self.wait
    }
}

mod seconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        time.as_secs_f64().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        let expected = format!("invalid value: `{seconds}`, expected a number of seconds, 0 or more");
        Duration::try_from_secs_f64(seconds).map_err(|_| D::Error::custom(expected))
    }
}
