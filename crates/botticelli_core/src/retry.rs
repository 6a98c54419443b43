//! Retries: the table `[llm.retry]`, and the record of an attempt that failed.

use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Number of retries, and the backoff between them.
///
/// The backoff doubles from `base_delay` to `max_delay`. Each wait is a random part of the backoff (full jitter), so that clients
/// do not retry at the same moment. A wait that the service requests takes precedence. No wait is shorter than 0.1 s, or 0.5 s
/// while a model is being loaded. In TOML a time is a number of seconds.
///
/// ```
/// use botticelli::RetryConfig;
/// use std::time::Duration;
///
/// let retry = RetryConfig::default().with_max_retries(5).with_max_delay(Duration::from_secs(20));
/// assert_eq!(retry.max_retries(), 5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Getters, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// Maximum number of retries after the first attempt. Default: 3. 0 disables retries.
    #[getter(copy)]
    max_retries: u32,
    /// Longest wait before the first retry. Default: 0.5 s.
    #[getter(copy)]
    #[serde(with = "seconds")]
    base_delay: Duration,
    /// Longest wait before any retry. Default: 8 s.
    #[getter(copy)]
    #[serde(with = "seconds")]
    max_delay: Duration,
    /// Longest wait that the service may request. If the service requests a longer wait, the call fails at once, and the error
    /// reports the wait. Default: 60 s.
    #[getter(copy)]
    #[serde(with = "seconds")]
    max_hint: Duration,
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
    /// Returns a configuration without retries.
    pub fn never() -> Self {
        Self::default().with_max_retries(0)
    }

    /// Sets the maximum number of retries after the first attempt. 0 disables retries.
    pub fn with_max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// Sets the longest wait before the first retry.
    pub fn with_base_delay(mut self, base_delay: Duration) -> Self {
        self.base_delay = base_delay;
        self
    }

    /// Sets the longest wait before any retry.
    pub fn with_max_delay(mut self, max_delay: Duration) -> Self {
        self.max_delay = max_delay;
        self
    }

    /// Sets the longest wait that the service may request.
    pub fn with_max_hint(mut self, max_hint: Duration) -> Self {
        self.max_hint = max_hint;
        self
    }
}

/// A failed attempt that was retried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    reason: String,
    wait: Duration,
}

impl Retry {
    /// Records an attempt that failed for `reason` and was retried after `wait`.
    pub fn new(reason: impl Into<String>, wait: Duration) -> Self {
        Self { reason: reason.into(), wait }
    }

    /// Returns the error message of the attempt.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the wait before the next attempt.
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
