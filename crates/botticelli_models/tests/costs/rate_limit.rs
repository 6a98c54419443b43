//! The rest of a rate limit is read from the headers of a successful response.

use crate::common::{driver, folded, scripted};
use botticelli_core::RateLimitStatus;
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::Script;
use std::time::Duration;

const EVENTS: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n";

const GOOD: &str = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#;

async fn read(headers: &[(&str, &str)]) -> Option<RateLimitStatus> {
    let with_headers =
        |script| headers.iter().fold(script, |script: Script, (name, value)| script.header(*name, *value));
    let sandbox = scripted(with_headers(Script::json(200, GOOD))).await;
    let plain = driver(&sandbox).generate("Hi".into()).await.unwrap().rate_limit().copied();
    let sandbox = scripted(with_headers(Script::sse(EVENTS))).await;
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
