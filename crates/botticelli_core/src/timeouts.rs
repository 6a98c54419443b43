//! How long we wait for a service: the table `[llm.timeout]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::time::Duration;

/// How long we wait for a service: for every request of a driver, or for one.
///
/// A clock runs only while the driver waits for the server: a reader who pauses is never timed out, and an answer that has
/// arrived is read, however late the task is polled. `total` and `stream_total` bound everything: all attempts of a call, the
/// waits between them, and the loading of a model. `None` is no limit. In TOML a limit is a number of seconds, or `"none"`.
///
/// ```
/// use botticelli_core::Timeouts;
/// use std::time::Duration;
///
/// let mut patient = Timeouts::default();
/// patient.idle = Some(Duration::from_secs(300));
/// patient.total = None;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Timeouts {
    /// Until there is a connection. Default: 10 s. A driver's own: that of a request is not looked at.
    #[serde(with = "seconds")]
    pub connect: Option<Duration>,
    /// From the call to the first piece of a stream: text, reasoning or a tool call. The time in which the model is being
    /// loaded does not count. Default: 120 s.
    #[serde(with = "seconds")]
    pub first_token: Option<Duration>,
    /// From one sign of life of a stream to the next; a comment is one. Default: 60 s.
    #[serde(with = "seconds")]
    pub idle: Option<Duration>,
    /// From one piece of a stream to the next, whatever comments and empty events come between them. Default: 10 min.
    #[serde(with = "seconds")]
    pub keep_alive: Option<Duration>,
    /// From the call to the end of a plain answer. Default: 10 min.
    #[serde(with = "seconds")]
    pub total: Option<Duration>,
    /// From the call to the end of a streamed answer. Default: no limit.
    #[serde(with = "seconds")]
    pub stream_total: Option<Duration>,
    /// While the service says that the model is being loaded. Of the other clocks `total` and `stream_total` run on.
    /// Default: 5 min.
    #[serde(with = "seconds")]
    pub loading: Option<Duration>,
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
