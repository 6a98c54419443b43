//! The rest of a rate limit, as the headers of a response have it.

use botticelli_core::RateLimitStatus;
use reqwest::header::{HeaderMap, HeaderName};
use std::time::Duration;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const REQUESTS: HeaderName = HeaderName::from_static("x-ratelimit-remaining-requests");
const TOKENS: HeaderName = HeaderName::from_static("x-ratelimit-remaining-tokens");
const REQUESTS_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset-requests");
const TOKENS_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset-tokens");

/// Returns the rest of a rate limit. `None` if the headers have none that is valid.
///
/// Reads `ratelimit: "api";r=99;t=55`, and the headers that OpenAI introduced. If requests and tokens reset at different times, the
/// later one counts.
pub(crate) fn rate_limit(headers: &HeaderMap) -> Option<RateLimitStatus> {
    // Most services send no such header, and comparing the names takes less time than five look-ups.
    let is_limit = |name: &HeaderName| {
        let name = name.as_str();
        name.starts_with("x-ratelimit-") || name == "ratelimit"
    };
    if !headers.keys().any(is_limit) {
        return None;
    }
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let standard = header(RATE_LIMIT).map(window).unwrap_or_default();
    let requests = header(REQUESTS).and_then(count).or(standard.remaining_requests);
    let tokens = header(TOKENS).and_then(count);
    if requests.is_none() && tokens.is_none() {
        return None;
    }
    let resets = [REQUESTS_RESET, TOKENS_RESET].map(|name| header(name).and_then(duration));
    let reset = resets.into_iter().flatten().max().or(standard.resets_after);
    Some(RateLimitStatus::new(requests, tokens, reset))
}

/// Parses `"api";r=99;t=55`: 99 requests remain, and the window ends in 55 s. Of several limits, the first counts.
fn window(value: &str) -> RateLimitStatus {
    let first = value.split(',').next().unwrap_or_default();
    let parameter = |name: &str| {
        let mut parts = first.split(';').map(str::trim);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
    };
    RateLimitStatus::new(parameter("r"), None, parameter("t").map(Duration::from_secs))
}

/// Parses a count. Some services write a whole number with a decimal point.
fn count(value: &str) -> Option<u64> {
    value.strip_suffix(".0").unwrap_or(value).parse().ok()
}

/// Parses `120ms`, `1s`, `6m0s`, `1h2m3.5s`, or a number of seconds.
fn duration(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut rest = value;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        sum = sum.checked_add(part)?;
        rest = after;
    }
    (!value.is_empty()).then_some(sum)
}
