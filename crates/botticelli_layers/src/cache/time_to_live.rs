//! Times to live, as users write them.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::time::Duration;

/// A time to live: `"30 days"`, `"12 h"`, or a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeToLive(pub(super) Duration);

const EXAMPLE: &str = "a time such as \"90 s\", \"15 min\", \"12 h\" or \"30 days\"";

/// The units with their seconds. The letter `m` is missing, because it is a minute for some and a month for others.
const UNITS: [(&[&str], u64); 5] = [
    (&["s", "sec", "second", "seconds"], 1),
    (&["min", "minute", "minutes"], 60),
    (&["h", "hour", "hours"], 3_600),
    (&["d", "day", "days"], 86_400),
    (&["w", "week", "weeks"], 604_800),
];

/// Returns the time of a text, or the reason why it is invalid.
fn read(text: &str) -> Result<Duration, &'static str> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err("it is negative");
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    if number.is_empty() {
        return Err("it does not begin with a whole number");
    }
    let unit = unit.trim();
    let (_, seconds) = match unit {
        "" => UNITS[0],
        _ => *UNITS.iter().find(|(names, _)| names.contains(&unit)).ok_or("its unit is unknown")?,
    };
    let number: u64 = number.parse().map_err(|_| TOO_LONG)?;
    positive(Duration::from_secs(number.checked_mul(seconds).ok_or(TOO_LONG)?))
}

const TOO_LONG: &str = "it is too long";

fn positive(time: Duration) -> Result<Duration, &'static str> {
    if time.is_zero() { Err("an entry would expire at once") } else { Ok(time) }
}

struct TimeVisitor;

fn result<E: Error>(shown: impl fmt::Display, time: Result<Duration, &'static str>) -> Result<TimeToLive, E> {
    time.map(TimeToLive)
        .map_err(|reason| E::custom(format!("invalid value: `{shown}` ({reason}), expected {EXAMPLE}")))
}

impl Visitor<'_> for TimeVisitor {
    type Value = TimeToLive;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXAMPLE)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<TimeToLive, E> {
        result(text, read(text))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<TimeToLive, E> {
        result(seconds, positive(Duration::from_secs(seconds)))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<TimeToLive, E> {
        let time = u64::try_from(seconds).map_err(|_| "it is negative");
        result(seconds, time.map(Duration::from_secs).and_then(positive))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<TimeToLive, E> {
        let time = Duration::try_from_secs_f64(seconds).map_err(|_| "it is not a number of seconds");
        result(seconds, time.and_then(positive))
    }
}

impl<'de> Deserialize<'de> for TimeToLive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimeVisitor)
    }
}

/// As a number of seconds.
impl Serialize for TimeToLive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.subsec_nanos() == 0 {
            self.0.as_secs().serialize(serializer)
        } else {
            self.0.as_secs_f64().serialize(serializer)
        }
    }
}
