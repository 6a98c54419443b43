//! The wait that a service requests.

use super::rate_limit::used_up_until;
use reqwest::header::{HeaderMap, HeaderName, RETRY_AFTER};
use std::time::{Duration, SystemTime};

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// Returns the wait that the headers of an error response request.
///
/// Reads `retry-after` (seconds, with fractions, or a date), then `retry-after-ms`, then the reset of a rate limit that is used
/// up. Invalid values are ignored. On a success, these headers have no meaning.
pub(crate) fn wait_hint(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    header(RETRY_AFTER)
        .and_then(|value| seconds(value).or_else(|| until(value, now)))
        .or_else(|| header(RETRY_AFTER_MS).and_then(milliseconds))
        .or_else(|| used_up_until(headers, now))
}

fn seconds(value: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(value.parse().ok()?).ok()
}

fn milliseconds(value: &str) -> Option<Duration> {
    let milliseconds: f64 = value.parse().ok()?;
    Duration::try_from_secs_f64(milliseconds / 1000.0).ok()
}

/// Parses a date. A past date gives a wait of zero.
fn until(value: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
