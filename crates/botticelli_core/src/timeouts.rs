//! Timeouts: the table `[llm.timeout]`.

use derive_getters::Getters;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::time::Duration;

/// Timeouts of a driver, or of one request.
///
/// Timeouts run only while the driver waits. A consumer that pauses never causes a timeout, and data that has arrived is always
/// read. `total` and `stream_total` cover all attempts of a call, the waits between them, and the loading of a model. `None` means
/// unlimited. In TOML a timeout is a number of seconds, or `"none"`.
///
/// ```
/// use botticelli::Timeouts;
/// use std::time::Duration;
///
/// let timeouts = Timeouts::default().with_idle(Duration::from_secs(300)).with_total(None);
/// assert_eq!(timeouts.idle(), Some(Duration::from_secs(300)));
/// assert_eq!(timeouts.total(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Getters, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Limit for opening a connection. Default: 10 s. The limit belongs to the driver; a request cannot change it.
    #[getter(copy)]
    #[serde(with = "seconds")]
    connect: Option<Duration>,
    /// Limit from the call to the first chunk of a stream: text, reasoning or a tool call. The loading of a model does not count.
    /// Default: 120 s.
    #[getter(copy)]
    #[serde(with = "seconds")]
    first_token: Option<Duration>,
    /// Limit between two arrivals of bytes in a stream, comments included. Default: 60 s.
    #[getter(copy)]
    #[serde(with = "seconds")]
    idle: Option<Duration>,
    /// Limit between two chunks of a stream. Comments and empty events do not count. Default: 10 min.
    #[getter(copy)]
    #[serde(with = "seconds")]
    keep_alive: Option<Duration>,
    /// Limit from the call to the end of a plain response. Default: 10 min.
    #[getter(copy)]
    #[serde(with = "seconds")]
    total: Option<Duration>,
    /// Limit from the call to the end of a streamed response. Default: none.
    #[getter(copy)]
    #[serde(with = "seconds")]
    stream_total: Option<Duration>,
    /// Limit for the loading of a model. While a model loads, `total` and `stream_total` keep running, and `first_token` pauses. Default:
    /// 5 min.
    #[getter(copy)]
    #[serde(with = "seconds")]
    loading: Option<Duration>,
}

impl Timeouts {
    /// Sets the limit for opening a connection. `None` removes the limit.
    pub fn with_connect(mut self, connect: impl Into<Option<Duration>>) -> Self {
        self.connect = connect.into();
        self
    }

    /// Sets the limit from the call to the first chunk of a stream. `None` removes the limit.
    pub fn with_first_token(mut self, first_token: impl Into<Option<Duration>>) -> Self {
        self.first_token = first_token.into();
        self
    }

    /// Sets the limit between two arrivals of bytes in a stream. `None` removes the limit.
    pub fn with_idle(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.idle = idle.into();
        self
    }

    /// Sets the limit between two chunks of a stream. `None` removes the limit.
    pub fn with_keep_alive(mut self, keep_alive: impl Into<Option<Duration>>) -> Self {
        self.keep_alive = keep_alive.into();
        self
    }

    /// Sets the limit from the call to the end of a plain response. `None` removes the limit.
    pub fn with_total(mut self, total: impl Into<Option<Duration>>) -> Self {
        self.total = total.into();
        self
    }

    /// Sets the limit from the call to the end of a streamed response. `None` removes the limit.
    pub fn with_stream_total(mut self, stream_total: impl Into<Option<Duration>>) -> Self {
        self.stream_total = stream_total.into();
        self
    }

    /// Sets the limit for the loading of a model. `None` removes the limit.
    pub fn with_loading(mut self, loading: impl Into<Option<Duration>>) -> Self {
        self.loading = loading.into();
        self
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        Self {
            connect: seconds(10),
            first_token: seconds(120),
            idle: seconds(60),
            keep_alive: seconds(600),
            total: seconds(600),
            stream_total: None,
            loading: seconds(300),
        }
    }
}

mod seconds {
    use super::{Deserializer, Duration, Serialize, Serializer, Visitor};

    #[allow(clippy::ref_option, reason = "serde hands over a reference to the field")]
    pub(super) fn serialize<S: Serializer>(
        limit: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match limit {
            Some(limit) => limit.as_secs_f64().serialize(serializer),
            None => serializer.serialize_str("none"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Option<Duration>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds above 0, or \"none\"")
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Self::Value, E> {
        match seconds {
            0 => Err(E::invalid_value(de::Unexpected::Unsigned(0), &self)),
            seconds => Ok(Some(Duration::from_secs(seconds))),
        }
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Self::Value, E> {
        let whole =
            u64::try_from(seconds).map_err(|_| E::invalid_value(de::Unexpected::Signed(seconds), &self))?;
        self.visit_u64(whole)
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Self::Value, E> {
        let limit = Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero());
        limit.map(Some).ok_or_else(|| E::invalid_value(de::Unexpected::Float(seconds), &self))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Self::Value, E> {
        match word {
            "none" => Ok(None),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }
}
