//! Every wait has a minimum and a maximum, whatever the service requests and whichever call is polled.

use crate::common::subject::Subject;
use botticelli_core::{GenerateRequest, Message, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, BotticelliErrorKind, ErrorCategory, HttpErrorKind, TimeoutKind};
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::Script;
use futures::FutureExt;
use std::time::Duration;

const GOOD: &str = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#;

fn good() -> Script {
    Script::json(200, GOOD)
}

fn loading(estimate: &str) -> Script {
    Script::json(
        503,
        format!(r#"{{"error":"Model org/m is currently loading","estimated_time":{estimate}}}"#),
    )
}

fn hinting(status: u16, header: &str, value: &str) -> Script {
    Script::json(status, r#"{"error":"no"}"#).header(header, value)
}

/// Ten seconds for the whole of a call.
const SHORT: Option<Duration> = Some(Duration::from_secs(10));

fn timeout_kind_of(error: &BotticelliError) -> Option<TimeoutKind> {
    let BotticelliErrorKind::Http(http) = error.kind() else { return None };
    match http.kind() {
        HttpErrorKind::Timeout { kind, .. } => Some(*kind),
        _ => None,
    }
}

/// Retry hints of "now", and invalid ones.
const NOW: [(&str, &str); 6] = [
    ("retry-after", "0"),
    ("retry-after", "0.0"),
    ("retry-after", "0.001"),
    ("retry-after", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("retry-after", "-1"),
    ("retry-after-ms", "0"),
];

#[tokio::test]
async fn a_hint_of_zero_is_ignored() {
    for (header, value) in NOW {
        for status in [429, 500, 503] {
            // A 503 with another message is not a loading model.
            let refused = hinting(status, header, value);
            for streamed in [false, true] {
                let subject = Subject::before([refused.clone()]).await;
                assert_eq!(subject.error(streamed).await.attempts(), 4);
                // Half of 0.5, 1 and 2 seconds, because the random source returns 0.5.
                assert_eq!(subject.waits(), [250, 500, 1000], "{status}, {header}: {value}");
            }
        }
    }
}

#[tokio::test]
async fn every_wait_has_a_minimum() {
    let retry = RetryConfig::default().with_base_delay(Duration::ZERO).with_max_delay(Duration::ZERO);
    let subject = Subject::set_up([hinting(500, "x", "y")], retry, Timeouts::default()).await;
    subject.error(false).await;
    assert_eq!(subject.waits(), [100; 3]);
}

#[tokio::test]
async fn a_loading_model_that_announces_no_wait_is_polled_with_a_pause() {
    let mut scripts: Vec<_> = ["0.0", "0", "-5", "1e300", "0.001"].into_iter().map(loading).collect();
    let no_words = |(header, value)| Script::text(503, "text/plain", "").header(header, value);
    scripts.extend(NOW.into_iter().map(no_words));
    for script in scripts {
        for streamed in [false, true] {
            let subject = Subject::before([script.clone()]).await;
            let error = subject.error(streamed).await;
            assert_eq!(timeout_kind_of(&error), Some(TimeoutKind::Loading), "{error}");
            let waits = subject.waits();
            assert!(waits.iter().all(|wait| *wait >= 400), "{script:?}: {waits:?}");
            assert!(subject.calls() < 50, "{script:?}: {} calls", subject.calls());
        }
    }
}

#[tokio::test]
async fn the_wait_for_a_loading_model_has_a_minimum() {
    let retry = RetryConfig::default()
        .with_base_delay(Duration::ZERO)
        .with_max_delay(Duration::ZERO)
        .with_max_hint(Duration::ZERO);
    let short = Timeouts::default().with_loading(SHORT);
    for estimate in ["0", "20"] {
        let subject = Subject::set_up([loading(estimate)], retry, short).await;
        subject.error(false).await;
        assert!(subject.calls() <= 22, "{} calls in ten seconds", subject.calls());
    }
}

#[tokio::test]
async fn the_wait_for_a_loading_model_uses_the_retry_budget() {
    let retry = RetryConfig::default().with_max_retries(200);
    // 99 retries leave 5 of 500 tokens: enough for one question more.
    let failures = (0..99).map(|_| hinting(500, "x", "y"));
    let subject = Subject::set_up(failures.chain([loading("0.0")]), retry, Timeouts::default()).await;
    let error = subject.error(false).await;
    assert_eq!(error.category(), ErrorCategory::Loading);
    assert_eq!(subject.calls(), 99 + 2);
}

#[tokio::test]
async fn a_loaded_model_returns_its_share_of_the_retry_budget() {
    let rounds = (0..6).flat_map(|_| (0..20).map(|_| loading("1")).chain([good()]));
    let subject = Subject::before(rounds).await;
    for _ in 0..6 {
        // 6 times 20 questions are 600 tokens, and there are 500.
        assert_eq!(subject.generate().await.unwrap().text(), "Well");
    }
}

#[tokio::test]
async fn total_and_stream_total_bound_the_loading_of_a_model() {
    let both = Timeouts::default().with_total(SHORT).with_stream_total(SHORT);
    for script in [loading("20"), loading("0"), Script::text(503, "text/plain", "")] {
        for streamed in [false, true] {
            let subject = Subject::set_up([script.clone()], RetryConfig::default(), both).await;
            let error = subject.error(streamed).await;
            assert_eq!(error.category(), ErrorCategory::Loading, "{error}");
            assert!(!error.may_be_billed());
            let passed = subject.clock.passed();
            assert!(passed <= Duration::from_secs(11), "{script:?}, streamed: {streamed}: {passed:?}");
            assert!(subject.calls() > 2, "the call polls until the timeout");
        }
    }
}

#[tokio::test]
async fn stream_total_bounds_requested_waits() {
    let short = Timeouts::default().with_stream_total(Duration::from_secs(5));
    let scripts = [hinting(429, "retry-after", "6"), good()];
    let subject = Subject::set_up(scripts, RetryConfig::default(), short).await;
    assert_eq!(subject.error(true).await.category(), ErrorCategory::RateLimited);
    assert_eq!(subject.calls(), 1);
}

#[tokio::test]
async fn stream_total_bounds_a_response_after_loading() {
    let short = Timeouts::default().with_stream_total(SHORT);
    let words = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    let silent = Script::stream(200, "text/event-stream").piece(words).silence();
    let subject = Subject::set_up([loading("4"), silent], RetryConfig::default(), short).await;
    let error = subject.error(true).await;
    assert_eq!(timeout_kind_of(&error), Some(TimeoutKind::StreamTotal), "{error}");
    assert_eq!(error.partial().unwrap().text(), "Hello");
    let passed = subject.clock.passed();
    assert!((10..12).contains(&passed.as_secs()), "{passed:?}");
}

#[tokio::test]
async fn a_request_can_set_the_loading_timeout() {
    let subject = Subject::before([loading("5")]).await;
    for streamed in [false, true] {
        let before = subject.clock.passed();
        let request = GenerateRequest::builder()
            .messages(vec![Message::user("Hi")])
            .timeouts(Timeouts::default().with_loading(Duration::from_secs(7)))
            .build()
            .unwrap();
        let driver = subject.driver.clone();
        let call = async move {
            if streamed {
                driver.generate_stream(request).await.err()
            } else {
                driver.generate(request).await.err()
            }
        };
        let error = subject.run(call).await.unwrap();
        assert!(error.to_string().contains("within 7s (the `loading` timeout)"), "{error}");
        let passed = subject.clock.passed().saturating_sub(before);
        assert!((7..9).contains(&passed.as_secs()), "{passed:?}");
    }
}

#[tokio::test]
async fn a_call_that_is_not_polled_does_not_block_others() {
    for streamed in [false, true] {
        let subject = Subject::before([loading("20"), good()]).await;
        let first = subject.driver.clone();
        let mut first = Box::pin(async move { first.generate("Hi".into()).await });
        // It learns that the model is being loaded, and is never polled again.
        while subject.waits.lock().unwrap().is_empty() {
            assert!((&mut first).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        if streamed {
            assert!(subject.stream().await.1.is_none());
        } else {
            assert_eq!(subject.generate().await.unwrap().text(), "Well");
        }
        let passed = subject.clock.passed();
        assert!(passed < Duration::from_secs(30), "{passed:?}");
        drop(first);
    }
}

#[tokio::test]
async fn a_call_that_waits_for_another_has_its_own_deadline() {
    let short =
        Timeouts::default().with_total(Duration::from_secs(8)).with_stream_total(Duration::from_secs(8));
    for streamed in [false, true] {
        let subject = Subject::set_up([loading("60")], RetryConfig::default(), short).await;
        let patient = GenerateRequest::builder().messages(vec![Message::user("Hi")]);
        let patient = patient.timeouts(Timeouts::default()).build().unwrap();
        let first = subject.driver.clone();
        let mut first = Box::pin(async move { first.generate(patient).await });
        while subject.waits.lock().unwrap().is_empty() {
            assert!((&mut first).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        let error = subject.error(streamed).await;
        assert_eq!(error.category(), ErrorCategory::Loading, "{error}");
        let passed = subject.clock.passed();
        assert!(passed <= Duration::from_secs(9), "{passed:?}");
        drop(first);
    }
}

#[tokio::test]
async fn one_waiting_call_replaces_a_call_that_is_no_longer_polled() {
    let subject = Subject::before((0..4).map(|_| loading("20")).chain([good()])).await;
    let first = subject.driver.clone();
    let mut first = Box::pin(async move { first.generate("Hi".into()).await });
    while subject.waits.lock().unwrap().is_empty() {
        assert!((&mut first).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    let calls = (0..20).map(|_| {
        let driver = subject.driver.clone();
        async move { driver.generate("Hi".into()).await }
    });
    let outcomes = subject.run(futures::future::join_all(calls)).await;
    assert!(outcomes.iter().all(Result::is_ok));
    // One call learned that the model is loading. One call polled three times without and once with success. Then 19 requests succeeded.
    assert_eq!(subject.calls(), 1 + 4 + 19);
    drop(first);
}
