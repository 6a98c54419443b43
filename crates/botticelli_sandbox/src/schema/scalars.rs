//! Strings and numbers within the limits of a schema.

use serde_json::Value;

/// Returns the given text or a default, adjusted to the format and length limits.
pub(super) fn string_for(schema: &Value, requested: Option<String>, default: String) -> String {
    let formatted = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => Some("2025-01-01T00:00:00Z"),
        Some("date") => Some("2025-01-01"),
        Some("time") => Some("00:00:00Z"),
        Some("duration") => Some("P1D"),
        Some("email") => Some("sandbox@example.org"),
        Some("uri" | "url") => Some("https://example.org/sandbox"),
        Some("uuid") => Some("00000000-0000-4000-8000-000000000000"),
        Some("ipv4") => Some("127.0.0.1"),
        Some("ipv6") => Some("::1"),
        _ => None,
    };
    let mut text = requested.unwrap_or_else(|| formatted.map_or(default, str::to_owned));
    let length =
        |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
    if let Some(most) = length("maxLength") {
        text = text.chars().take(most).collect();
    }
    let least = length("minLength").unwrap_or(0).min(4_096);
    while text.chars().count() < least {
        text.push('.');
    }
    text
}

/// Returns the given number or 1.5, within the limits.
pub(super) fn number_for(schema: &Value, requested: Option<String>) -> f64 {
    let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
    let mut number = requested.and_then(|text| text.parse().ok()).unwrap_or(1.5);
    if let Some(least) = limit("minimum").filter(|least| number < *least) {
        number = least;
    }
    if let Some(below) = limit("exclusiveMinimum").filter(|below| number <= *below) {
        number = below + 0.5;
    }
    if let Some(most) = limit("maximum").filter(|most| number > *most) {
        number = most;
    }
    if let Some(above) = limit("exclusiveMaximum").filter(|above| number >= *above) {
        number = above - 0.5;
    }
    number
}

/// Returns the given integer or 1, within the limits.
pub(super) fn integer_for(schema: &Value, requested: Option<String>) -> i64 {
    let limit = |key: &str| schema.get(key).and_then(Value::as_i64);
    let least = limit("minimum").or(limit("exclusiveMinimum").and_then(|below| below.checked_add(1)));
    let most = limit("maximum").or(limit("exclusiveMaximum").and_then(|above| above.checked_sub(1)));
    let number = requested.and_then(|text| text.parse::<i64>().ok()).unwrap_or(1);
    let number = least.map_or(number, |least| number.max(least));
    most.map_or(number, |most| number.min(most))
}
