//! Values of options.

use crate::failure::{Failure, Outcome};
use std::time::Duration;
use toml::Value;

/// Reads a time: `30`, `1.5s`, `2m`, `none`.
pub(crate) fn seconds(option: &str, text: &str) -> Outcome<Value> {
    if text == "none" {
        return Ok(Value::String(text.to_owned()));
    }
    let (number, factor) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => match (text.strip_suffix('s'), text.strip_suffix('m'), text.strip_suffix('h')) {
            (Some(number), _, _) => (number, 1.0),
            (_, Some(number), _) => (number, 60.0),
            (_, _, Some(number)) => (number, 3600.0),
            _ => (text, 1.0),
        },
    };
    match number.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(Value::Float(number * factor)),
        _ => Err(Failure::usage(format!(
            "{option}: '{text}' is not a time. Write seconds (30), another unit (500ms, 2m, 1h), or none."
        ))),
    }
}

/// Reads an age: `30d`, `12h`, `2w`.
pub(crate) fn age(option: &str, text: &str) -> Outcome<Duration> {
    let units = [('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];
    let seconds = units.into_iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(seconds)
    });
    let refused = || {
        Failure::usage(format!(
            "{option}: '{text}' is not an age. Write minutes, hours, days or weeks: 30d, 12h, 2w."
        ))
    };
    seconds.map(Duration::from_secs).ok_or_else(refused)
}

/// Reads a value as TOML, or else as a text.
pub(crate) fn word(text: &str) -> Value {
    let line = format!("value = {text}");
    let parsed = line.parse::<toml::Table>().ok().and_then(|mut table| table.remove("value"));
    match parsed {
        // A date is a text for a model.
        Some(Value::Datetime(_)) | None => Value::String(text.to_owned()),
        Some(value) => value,
    }
}

/// Reads a field of a request as JSON, or as TOML, or else as a text.
pub(crate) fn field(text: &str) -> serde_json::Value {
    serde_json::from_str(text).or_else(|_| serde_json::to_value(word(text))).unwrap_or_else(|_| text.into())
}
