//! The rest of a rate limit is read from the headers of a successful response.

use crate::common::{driver, folded, scripted};
use botticelli_core::RateLimitStatus;
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::Script;
use std::sync::Arc;
use std::time::Duration;

const EVENTS: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n";

const GOOD: &str = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#;

fn with_headers(script: Script, headers: &[(&str, &str)]) -> Script {
    headers.iter().fold(script, |script, (name, value)| script.header(*name, *value))
}

async fn read_plain(headers: &[(&str, &str)]) -> Option<RateLimitStatus> {
    let sandbox = scripted(with_headers(Script::json(200, GOOD), headers)).await;
    driver(&sandbox).generate("Hi".into()).await.unwrap().rate_limit().copied()
}

async fn read(headers: &[(&str, &str)]) -> Option<RateLimitStatus> {
    let plain = read_plain(headers).await;
    let sandbox = scripted(with_headers(Script::sse(EVENTS), headers)).await;
    let streamed = folded(&driver(&sandbox), "Hi".into()).await.rate_limit().copied();
    assert_eq!(plain, streamed);
    plain
}

fn status(requests: Option<u64>, tokens: Option<u64>, reset: Option<u64>) -> RateLimitStatus {
    RateLimitStatus::new(requests, tokens, reset.map(Duration::from_millis))
}

#[tokio::test]
async fn the_standard_header_has_the_remaining_requests() {
    assert_eq!(read(&[("ratelimit", "\"api\";r=0;t=55")]).await, Some(status(Some(0), None, Some(55_000))));
    assert_eq!(read(&[("RateLimit", "\"api\"; r=99")]).await, Some(status(Some(99), None, None)));
    // The stricter limit comes first.
    assert_eq!(
        read(&[("ratelimit", "\"a\";r=1;t=2, \"b\";r=500;t=600")]).await,
        Some(status(Some(1), None, Some(2_000)))
    );
}

#[tokio::test]
async fn the_headers_of_openai_have_requests_and_tokens() {
    let all = |requests_reset, tokens_reset| {
        [
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-remaining-tokens", "149984"),
            ("x-ratelimit-reset-requests", requests_reset),
            ("x-ratelimit-reset-tokens", tokens_reset),
        ]
    };
    for (requests, tokens, expected) in [
        ("1s", "6m0s", 360_000),
        ("120ms", "7.66s", 7_660),
        ("2m59.56s", "1s", 179_560),
        ("1h2m3s", "0s", 3_723_000),
        ("2", "0.5", 2_000),
        ("1d", "1s", 86_400_000),
    ] {
        assert_eq!(
            read(&all(requests, tokens)).await,
            Some(status(Some(59), Some(149_984), Some(expected))),
            "{requests} {tokens}"
        );
    }
    assert_eq!(read(&[("x-ratelimit-remaining-tokens", "7")]).await, Some(status(None, Some(7), None)));
    assert_eq!(read(&[("x-ratelimit-remaining-requests", "7.0")]).await, Some(status(Some(7), None, None)));
}

#[tokio::test]
async fn the_reset_is_that_of_the_limit_that_is_used_up() {
    let all = |requests, tokens| {
        [
            ("x-ratelimit-remaining-requests", requests),
            ("x-ratelimit-reset-requests", "2m59s"),
            ("x-ratelimit-remaining-tokens", tokens),
            ("x-ratelimit-reset-tokens", "7.66s"),
        ]
    };
    for (requests, tokens, expected) in
        [("14370", "0", 7_660), ("0", "5", 179_000), ("0", "0", 179_000), ("9", "9", 179_000)]
    {
        let reset = read(&all(requests, tokens)).await.and_then(|status| status.resets_after);
        assert_eq!(reset, Some(Duration::from_millis(expected)), "{requests} {tokens}");
    }
}

#[tokio::test]
async fn the_limit_with_the_least_remaining_counts() {
    // Cerebras counts requests per day and tokens per minute.
    let cerebras = [
        ("x-ratelimit-remaining-requests-day", "14399"),
        ("x-ratelimit-reset-requests-day", "33011.382867"),
        ("x-ratelimit-remaining-tokens-minute", "0"),
        ("x-ratelimit-reset-tokens-minute", "11.38"),
    ];
    assert_eq!(read(&cerebras).await, Some(status(Some(14_399), Some(0), Some(11_380))));
    // A limit of the day, next to one of the minute.
    let both = [
        ("x-ratelimit-remaining-requests", "12"),
        ("x-ratelimit-reset-requests", "30s"),
        ("x-ratelimit-remaining-requests-day", "0"),
        ("x-ratelimit-reset-requests-day", "1d2h"),
    ];
    assert_eq!(read(&both).await, Some(status(Some(0), None, Some(93_600_000))));
    assert_eq!(
        read(&[("ratelimit", "\"api\";r=7;t=55, \"day\";r=0;t=3600")]).await,
        Some(status(Some(0), None, Some(3_600_000)))
    );
    // Other services do not name the unit.
    let unnamed = [("ratelimit-remaining", "3"), ("ratelimit-reset", "20"), ("x-ratelimit-limit", "9")];
    assert_eq!(read(&unnamed).await, Some(status(Some(3), None, Some(20_000))));
    assert_eq!(
        read(&[("x-ratelimit-remaining-images", "0"), ("x-ratelimit-reset-images", "1s")]).await,
        None
    );
}

#[tokio::test]
async fn a_reset_can_be_a_point_in_time() {
    // 2026-11-29T08:00:00Z
    let now = Duration::from_secs(1_795_939_200);
    let reset = async |value: &str| {
        let headers = [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", value)];
        let sandbox = scripted(with_headers(Script::json(200, GOOD), &headers)).await;
        let clock = ManualClock::default();
        clock.advance(now);
        let driver = HuggingFaceDriver::builder("m").base_url(sandbox.base_url()).clock(Arc::new(clock));
        let response = driver.build().unwrap().generate("Hi".into()).await.unwrap();
        response.rate_limit().and_then(|status| status.resets_after)
    };
    for (value, seconds) in [
        ("1795942800", 3_600.0),
        ("1795942800000", 3_600.0),
        ("Sun, 29 Nov 2026 09:00:00 GMT", 3_600.0),
        ("2026-11-29T09:00:00Z", 3_600.0),
        ("2026-11-29 08:00:01.25z", 1.25),
        ("2026-11-29T10:00:07+02:00", 7.0),
        ("2026-11-29T02:30:00-05:30", 0.0),
        ("2026-12-31T23:59:59Z", 2_822_399.0),
        // 2028 is a leap year, 2100 is not.
        ("2028-02-29T08:00:00Z", 39_484_800.0),
        ("2028-03-01T08:00:00Z", 39_571_200.0),
        ("2100-03-01T08:00:00Z", 2_311_632_000.0),
        ("1000000000", 0.0),
        ("2001-09-09T01:46:40Z", 0.0),
        ("Sun, 09 Sep 2001 01:46:40 GMT", 0.0),
    ] {
        assert_eq!(reset(value).await, Some(Duration::from_secs_f64(seconds)), "{value}");
    }
    for garbage in
        ["2120-13-01T00:00:00Z", "2120-01-01T24:00:00Z", "2120-01-01", "2120-01-01T00:00:00", "T Z", "+"]
    {
        assert_eq!(reset(garbage).await, None, "{garbage}");
    }
}

#[tokio::test]
async fn invalid_rate_limit_headers_are_ignored() {
    assert_eq!(read(&[]).await, None);
    for garbage in ["", "-1", "many", "1e3", "NaN", "99999999999999999999999", "0x10"] {
        assert_eq!(read(&[("x-ratelimit-remaining-requests", garbage)]).await, None, "{garbage}");
        assert_eq!(read(&[("ratelimit", garbage)]).await, None, "{garbage}");
    }
    for garbage in
        ["", "-1", "soon", "1x", "s", "1.2.3s", "NaN", "inf", "1e400", "5 s", "99999999999999999999999s"]
    {
        let headers = [("x-ratelimit-remaining-requests", "7"), ("x-ratelimit-reset-requests", garbage)];
        assert_eq!(read(&headers).await, Some(status(Some(7), None, None)), "{garbage}");
    }
    // A reset time alone has no meaning, and `Retry-After` is not a limit.
    assert_eq!(read(&[("x-ratelimit-reset-requests", "1s"), ("retry-after", "2")]).await, None);
}
