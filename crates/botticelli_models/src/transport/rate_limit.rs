//! The rest of a rate limit, as the headers of a response have it.

use super::reset_time::reset_time;
use botticelli_core::RateLimitStatus;
use reqwest::header::{HeaderMap, HeaderName};
use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The rest of one limit: what is left in one window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    unit: Unit,
    remaining: u64,
    reset: Option<Duration>,
}

/// The unit that a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Requests,
    Tokens,
}

/// Returns the rest of a rate limit. `None` if the headers have none that is valid.
///
/// Reads `ratelimit: "api";r=99;t=55`, and the headers that OpenAI introduced, with their variants for a minute, an hour and a day.
/// Of several windows, the one with the least remaining counts. The reset is that of a limit that is used up; if neither is used
/// up, the later one.
pub(crate) fn rate_limit(headers: &HeaderMap, now: SystemTime) -> Option<RateLimitStatus> {
    let windows = windows(headers, now);
    let (requests, tokens) = (tightest(&windows, Unit::Requests), tightest(&windows, Unit::Tokens));
    let limits = || [requests, tokens].into_iter().flatten();
    limits().next()?;
    let is_used_up = limits().any(|window| window.remaining == 0);
    let resets = limits().filter(|window| window.remaining == 0 || !is_used_up);
    let reset = resets.filter_map(|window| window.reset).max();
    Some(RateLimitStatus::new(
        requests.map(|window| window.remaining),
        tokens.map(|window| window.remaining),
        reset,
    ))
}

/// Returns the time until a limit that is used up resets; `None` if none is used up, or its reset is unknown.
///
/// The standard header has whole seconds, so a second is added, as the service's own client does.
pub(super) fn used_up_until(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let standard = standard(headers).filter(|window| window.remaining == 0);
    let standard =
        standard.map(|window| window.reset.unwrap_or_default().saturating_add(Duration::from_secs(1))).max();
    let others = named(headers, now).into_iter().filter(|window| window.remaining == 0);
    standard.or_else(|| others.filter_map(|window| window.reset).max())
}

fn windows(headers: &HeaderMap, now: SystemTime) -> Vec<Window> {
    let mut windows = named(headers, now);
    windows.extend(standard(headers));
    windows
}

/// Returns the window with the least remaining, and of those the one with the latest reset.
fn tightest(windows: &[Window], unit: Unit) -> Option<Window> {
    let windows = windows.iter().filter(|window| window.unit == unit);
    windows.min_by_key(|window| (window.remaining, Reverse(window.reset))).copied()
}

/// Parses `"api";r=99;t=55, "day";r=5;t=3600`: 99 requests remain, and the window ends in 55 s.
fn standard(headers: &HeaderMap) -> impl Iterator<Item = Window> {
    let value = headers.get(RATE_LIMIT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(',').filter_map(|window| {
        let parameter = |name: &str| {
            let mut parts = window.split(';').map(str::trim);
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
        };
        let reset = parameter("t").map(Duration::from_secs);
        Some(Window { unit: Unit::Requests, remaining: parameter("r")?, reset })
    })
}

/// Parses pairs of headers such as `x-ratelimit-remaining-tokens-day` and `x-ratelimit-reset-tokens-day`. Without a unit in their name,
/// they count requests.
fn named(headers: &HeaderMap, now: SystemTime) -> Vec<Window> {
    let windows = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str();
        let kind = name.strip_prefix("x-").unwrap_or(name).strip_prefix("ratelimit-remaining")?;
        let prefix = if name.starts_with("x-") { "x-" } else { "" };
        let unit = match kind {
            "" => Unit::Requests,
            _ if kind.starts_with("-requests") => Unit::Requests,
            _ if kind.starts_with("-tokens") => Unit::Tokens,
            _ => return None,
        };
        let remaining = count(value.to_str().ok()?.trim())?;
        let reset = headers.get(format!("{prefix}ratelimit-reset{kind}"));
        let reset = reset.and_then(|reset| reset_time(reset.to_str().ok()?.trim(), now));
        Some(Window { unit, remaining, reset })
    });
    windows.collect()
}

/// Parses a count. Some services write a whole number with a decimal point.
fn count(value: &str) -> Option<u64> {
    value.strip_suffix(".0").unwrap_or(value).parse().ok()
}
