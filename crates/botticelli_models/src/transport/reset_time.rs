//! The time at which a rate limit resets, in the notations of the services.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Numbers from here on are seconds since 1970: the time of September 2001, or a wait of 31 years.
const FIRST_TIMESTAMP: f64 = 1e9;
/// Numbers from here on are milliseconds since 1970.
const FIRST_TIMESTAMP_MS: f64 = 1e12;

/// Returns the time until a limit resets.
///
/// Reads a number of seconds, a duration such as `6m0s`, a time in seconds or milliseconds since 1970, and a date in the format of
/// RFC 3339 or HTTP. A time in the past is a wait of zero.
pub(super) fn reset_time(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(number) = value.parse::<f64>() {
        let since_1970 = match number {
            _ if number >= FIRST_TIMESTAMP_MS => number / 1_000.0,
            _ if number >= FIRST_TIMESTAMP => number,
            _ => return Duration::try_from_secs_f64(number).ok(),
        };
        let time = UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(since_1970).ok()?)?;
        return Some(time.duration_since(now).unwrap_or_default());
    }
    duration(value).or_else(|| {
        let time = timestamp(value).or_else(|| httpdate::parse_http_date(value).ok())?;
        Some(time.duration_since(now).unwrap_or_default())
    })
}

/// Parses `120ms`, `1s`, `6m0s`, `1h2m3.5s`, `1d2h`.
fn duration(value: &str) -> Option<Duration> {
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

/// Parses a date of RFC 3339, such as `2026-11-29T08:30:00.5+01:00`.
fn timestamp(value: &str) -> Option<SystemTime> {
    let (date, time) = value.split_once(['T', 't', ' '])?;
    let at = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at_checked(at)?;
    let [year, month, day] = numbers(date, '-')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = numbers(time, ':')?;
    let is_valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_valid || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let local = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let fraction = Duration::try_from_secs_f64(format!("0.{fraction}").parse().ok()?).ok()?;
    let seconds = local - offset(zone)?;
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?).checked_add(fraction)?)
}

/// Returns the seconds by which a time zone is ahead of UTC: `Z`, `+01:00`.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first()? {
        b'Z' | b'z' => return (zone.len() == 1).then_some(0),
        b'+' => 1,
        _ => -1,
    };
    let (hour, minute) = zone.get(1..)?.split_once(':')?;
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    (hour < 24 && minute < 60).then_some(sign * (hour * 3_600 + minute * 60))
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(digits);
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// Parses a number of up to four digits, so that no sum can overflow.
fn digits(text: &str) -> Option<i64> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Counts the days in whole years of 365 days, plus the leap days, with the year beginning in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let days_before_month = (153 * month + 2) / 5;
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + days_before_month + day - 1 - 719_468
}
