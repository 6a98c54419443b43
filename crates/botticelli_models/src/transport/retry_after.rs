//! How long a service asks us to wait.

use reqwest::header::{HeaderMap, HeaderName, RETRY_AFTER};
use std::time::{Duration, SystemTime};

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// How long the headers of a refusal ask us to wait.
///
/// `retry-after` in seconds, fractions of one, or as a date; else `retry-after-ms`; else a `ratelimit` that is used up.
/// What makes no sense is no hint. Beside a success it means nothing.
///
/// ```
/// use botticelli_models::transport::wait_hint;
/// use reqwest::header::{HeaderMap, HeaderValue};
/// use std::time::{Duration, SystemTime};
///
/// let headers = HeaderMap::from_iter([(reqwest::header::RETRY_AFTER, HeaderValue::from_static("1.5"))]);
/// assert_eq!(wait_hint(&headers, SystemTime::now()), Some(Duration::from_millis(1500)));
/// ```
pub fn wait_hint(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    header(RETRY_AFTER)
        .and_then(|value| seconds(value).or_else(|| until(value, now)))
        .or_else(|| header(RETRY_AFTER_MS).and_then(milliseconds))
        .or_else(|| header(RATE_LIMIT).and_then(window))
}

fn seconds(value: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(value.parse().ok()?).ok()
}

fn milliseconds(value: &str) -> Option<Duration> {
    let milliseconds: f64 = value.parse().ok()?;
    Duration::try_from_secs_f64(milliseconds / 1000.0).ok()
}

/// A date that is past is now.
fn until(value: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// `"api";r=0;t=55`: nothing remains, and the window ends in 55 s. A second more, as the service's own client waits.
fn window(value: &str) -> Option<Duration> {
    let parameter = |name: &str| {
        let mut parts = value.split(';').map(str::trim);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
    };
    (parameter("r")? == 0).then(|| Duration::from_secs(parameter("t").unwrap_or_default().saturating_add(1)))
}
