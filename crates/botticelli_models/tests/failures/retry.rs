//! Retries: which errors are retried, how often, and after which waits.

use crate::common::collect;
use crate::common::subject::Subject;
use botticelli_core::{GenerateRequest, Message, RetryConfig, Timeouts};
use botticelli_error::{BotticelliErrorKind, ErrorCategory, HttpErrorKind, TimeoutKind};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_sandbox::Script;
use futures::future::join_all;
use std::time::{Duration, UNIX_EPOCH};

const GOOD: &str = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#;

fn status(status: u16) -> Script {
    Script::json(status, r#"{"error":"no"}"#)
}

fn good() -> Script {
    Script::json(200, GOOD)
}

#[tokio::test]
async fn only_retryable_errors_are_retried() {
    for code in [408, 429, 500, 502, 503, 504, 529] {
        let subject = Subject::before([status(code), good()]).await;
        let answer = subject.generate().await.unwrap();
        assert_eq!(answer.text(), "Well");
        assert_eq!(answer.retries().len(), 1, "{code}");
        assert!(answer.retries()[0].reason().contains(&code.to_string()));
        assert_eq!(subject.calls(), 2);
    }
    for code in [400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 418, 422] {
        let subject = Subject::before([status(code), good()]).await;
        let error = subject.generate().await.unwrap_err();
        assert_eq!(subject.calls(), 1, "{code}");
        assert_eq!(error.attempts(), 1);
        assert!(!error.may_be_billed(), "{code}");
    }
}

/// A server or a gateway that gave up waiting does not know whether the model answered.
#[tokio::test]
async fn an_attempt_that_a_gateway_gave_up_may_be_billed() {
    for code in [408, 499, 504, 520, 522, 524] {
        let subject = Subject::set_up([status(code)], RetryConfig::never(), Timeouts::default()).await;
        for streamed in [false, true] {
            assert!(subject.error(streamed).await.may_be_billed(), "{code}");
        }
    }
    for code in [429, 500, 502, 503, 521, 523, 529] {
        let subject = Subject::set_up([status(code)], RetryConfig::never(), Timeouts::default()).await;
        assert!(!subject.generate().await.unwrap_err().may_be_billed(), "{code}");
    }
}

#[tokio::test]
async fn waits_double_from_half_a_second_to_eight_with_jitter() {
    let retry = RetryConfig::default().with_max_retries(6);
    let subject = Subject::set_up([status(500)], retry, Timeouts::default()).await;
    let error = subject.generate().await.unwrap_err();
    // Half of 0.5, 1, 2, 4, 8 and 8 seconds, because the random source returns 0.5.
    assert_eq!(subject.waits(), [250, 500, 1000, 2000, 4000, 4000]);
    assert_eq!(error.attempts(), 7);
    assert_eq!(subject.calls(), 7);
    assert_eq!(error.status(), Some(500));
}

#[tokio::test]
async fn the_default_is_three_retries() {
    let subject = Subject::before([status(500)]).await;
    assert_eq!(subject.generate().await.unwrap_err().attempts(), 4);
    let never = Subject::set_up([status(500)], RetryConfig::never(), Timeouts::default()).await;
    assert_eq!(never.generate().await.unwrap_err().attempts(), 1);
    assert_eq!(never.calls(), 1);
}

#[tokio::test]
async fn a_driver_without_retries_sends_one_request_for_every_error() {
    for code in [400, 401, 402, 404, 408, 413, 422, 424, 429, 500, 502, 503, 504, 529] {
        let subject = Subject::set_up(
            [status(code).header("retry-after", "0")],
            RetryConfig::never(),
            Timeouts::default(),
        )
        .await;
        let error = subject.generate().await.unwrap_err();
        assert_eq!((error.attempts(), subject.calls()), (1, 1), "{code}");
    }
}

#[tokio::test]
async fn a_failed_generation_is_retried_once() {
    for failed in [
        Script::json(424, r#"{"error":"Request failed during generation","error_type":"generation"}"#),
        Script::json(400, r#"{"error":{"message":"bad call","code":"tool_use_failed"}}"#),
    ] {
        let subject = Subject::before([failed]).await;
        let error = subject.generate().await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Generation);
        assert_eq!(subject.calls(), 2);
    }
}

#[tokio::test]
async fn the_wait_is_the_one_that_the_service_requests() {
    for (name, value, milliseconds) in [
        ("retry-after", "7", 7_000),
        ("retry-after", "1.5", 1_500),
        ("retry-after-ms", "1200", 1_200),
        ("ratelimit", "\"api\";r=0;t=5", 6_000),
        ("ratelimit", "\"api\";r=0;t=5, \"day\";r=5;t=3600", 6_000),
        ("ratelimit", "\"day\";r=5;t=3600, \"api\";r=0;t=5", 6_000),
        ("retry-after", "0.1", 100),
    ] {
        let subject = Subject::before([status(429).header(name, value), good()]).await;
        subject.generate().await.unwrap();
        assert_eq!(subject.waits(), [milliseconds], "{name}: {value}");
    }
    let exhausted = status(429)
        .header("x-ratelimit-remaining-requests", "14370")
        .header("x-ratelimit-reset-requests", "2m59s")
        .header("x-ratelimit-remaining-tokens", "0")
        .header("x-ratelimit-reset-tokens", "7.66s");
    let subject = Subject::before([exhausted, good()]).await;
    subject.generate().await.unwrap();
    assert_eq!(subject.waits(), [7_660]);
    let subject =
        Subject::before([status(429).header("retry-after", "Thu, 01 Jan 1970 00:00:30 GMT"), good()]).await;
    subject.generate().await.unwrap();
    assert!((28_000..=30_000).contains(&subject.waits()[0]), "{:?}", subject.waits());
}

#[tokio::test]
async fn an_invalid_retry_hint_is_ignored() {
    for (name, value) in [
        ("retry-after", "-1"),
        ("retry-after", "soon"),
        ("retry-after", "NaN"),
        ("retry-after", "1e999"),
        ("retry-after-ms", "x"),
        ("ratelimit", "\"api\";r=7;t=55"),
        ("ratelimit", "nonsense"),
    ] {
        let subject = Subject::before([status(429).header(name, value), good()]).await;
        subject.generate().await.unwrap();
        assert_eq!(subject.waits(), [250], "{name}: {value}");
    }
}

#[tokio::test]
async fn a_hint_above_the_maximum_is_an_error_at_once() {
    let subject = Subject::before([status(429).header("retry-after", "61"), good()]).await;
    let error = subject.generate().await.unwrap_err();
    assert_eq!(subject.calls(), 1);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert!(error.to_string().contains("again in 61 s"), "{error}");
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_started() {
    let timeouts = Timeouts::default().with_total(Duration::from_secs(5));
    let scripts = [status(429).header("retry-after", "6"), good()];
    let subject = Subject::set_up(scripts, RetryConfig::default(), timeouts).await;
    let error = subject.generate().await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::RateLimited);
    assert_eq!(subject.calls(), 1);
}

#[tokio::test]
async fn one_deadline_is_shared_by_all_attempts_and_waits() {
    let scripts =
        [status(429).header("retry-after", "50"), status(429).header("retry-after", "40"), Script::hang()];
    let timeouts = Timeouts::default().with_total(Duration::from_secs(100));
    let subject = Subject::set_up(scripts, RetryConfig::default(), timeouts).await;
    let error = subject.generate().await.unwrap_err();
    let BotticelliErrorKind::Http(http) = error.kind() else { panic!("{error:?}") };
    let limit = Duration::from_secs(100);
    assert_eq!(*http.kind(), HttpErrorKind::Timeout { kind: TimeoutKind::Total, limit });
    assert_eq!(error.attempts(), 3);
    assert!(error.may_be_billed());
    let passed = subject.clock.passed();
    assert!(passed >= limit && passed < limit + Duration::from_secs(5), "{passed:?}");
}

#[tokio::test]
async fn a_request_has_its_own_timeouts() {
    let subject = Subject::before([Script::hang()]).await;
    let timeouts = Timeouts::default().with_total(Duration::from_secs(3));
    let request =
        GenerateRequest::builder().messages(vec![Message::user("Hi")]).timeouts(timeouts).build().unwrap();
    let driver = subject.driver.clone();
    let error = subject.run(async move { driver.generate(request).await }).await.unwrap_err();
    assert!(error.to_string().contains("within 3s (the `total` timeout)"), "{error}");
    assert!(!subject.sandbox.requests()[0].text().contains("timeouts"));
}

#[tokio::test]
async fn an_error_that_the_service_marks_as_final_is_not_retried() {
    for code in [429, 500, 503] {
        let refused = status(code).header("x-should-retry", "false");
        let subject = Subject::before([refused, Script::json(200, GOOD)]).await;
        let error = subject.generate().await.unwrap_err();
        assert!(!error.is_retryable(), "{error:#?}");
        assert_eq!((error.status(), error.attempts(), subject.calls()), (Some(code), 1, 1));
    }
    // A server may also request a retry, which has no effect.
    let subject = Subject::before([status(400).header("x-should-retry", "true")]).await;
    assert_eq!(subject.generate().await.unwrap_err().attempts(), 1);
}

#[tokio::test]
async fn a_stream_is_retried_only_before_its_first_chunk() {
    let piece = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    let whole = "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"},\"finish_reason\":\"stop\"}]}\n\n";
    let events = || Script::stream(200, "text/event-stream");
    for bad in [
        status(503),
        status(500),
        events(),
        events().cut(),
        events().piece(": hello\n\n").cut(),
        events().piece("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n").cut(),
        events().piece("data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n"),
    ] {
        let subject = Subject::before([bad, Script::sse(whole)]).await;
        let driver = subject.driver.clone();
        let (chunks, error) = subject.run(async move { collect(&driver, "Hi".into()).await }).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(chunks.last().unwrap().response().unwrap().text(), "Well");
        assert_eq!(chunks.last().unwrap().response().unwrap().retries().len(), 1);
    }
    let subject = Subject::before([events().piece(piece).cut(), Script::sse(whole)]).await;
    let driver = subject.driver.clone();
    let (_, error) = subject.run(async move { collect(&driver, "Hi".into()).await }).await;
    let error = error.unwrap();
    assert_eq!(error.partial().unwrap().text(), "Hello");
    assert!(error.may_be_billed());
    assert_eq!(subject.calls(), 1);
}

#[tokio::test]
async fn a_connection_closed_before_the_response_costs_no_retry() {
    let subject = Subject::before([Script::close(), good()]).await;
    let answer = subject.generate().await.unwrap();
    assert_eq!(answer.text(), "Well");
    assert_eq!(subject.waits(), [0_u128; 0], "no call waited");
    // Once: after that it counts as any other failure.
    let subject = Subject::before([Script::close()]).await;
    assert_eq!(subject.generate().await.unwrap_err().attempts(), 5);
    assert_eq!(subject.waits().len(), 3);
}

#[tokio::test]
async fn all_calls_of_a_driver_share_one_retry_budget() {
    // A budget of 500 tokens at 5 per retry: 100 retries for all calls together.
    let subject = Subject::before([status(500)]).await;
    let calls = (0..60).map(|_| {
        let driver = subject.driver.clone();
        async move { driver.generate("Hi".into()).await }
    });
    let calls = join_all(calls);
    let outcomes = subject.run(calls).await;
    assert!(outcomes.iter().all(Result::is_err));
    assert_eq!(subject.calls(), 60 + 100);
}

fn loading() -> Script {
    Script::json(503, r#"{"error":"Model org/m is currently loading","estimated_time":20.0}"#)
}

#[tokio::test]
async fn a_loading_model_is_awaited_beyond_the_retry_limit() {
    let subject = Subject::before((0..6).map(|_| loading()).chain([good()])).await;
    let answer = subject.generate().await.unwrap();
    assert_eq!(answer.text(), "Well");
    assert_eq!(subject.waits(), [20_000; 6]);
    let waits = subject.waits.lock().unwrap();
    assert!(waits.iter().all(|wait| wait.loading_for.is_some()));
    assert!(waits[5].loading_for.unwrap() >= Duration::from_secs(100));
}

#[tokio::test]
async fn the_first_token_timeout_excludes_the_loading_time() {
    let timeouts = Timeouts::default().with_first_token(Duration::from_secs(10));
    let scripts = [loading(), loading(), good()];
    let subject = Subject::set_up(scripts, RetryConfig::default(), timeouts).await;
    let driver = subject.driver.clone();
    let (chunks, error) = subject.run(async move { collect(&driver, "Hi".into()).await }).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(chunks.last().unwrap().response().unwrap().text(), "Well");
    assert!(subject.clock.passed() >= Duration::from_secs(40));
}

#[tokio::test]
async fn a_model_that_never_loads_ends_with_the_loading_timeout() {
    let subject = Subject::before([loading()]).await;
    let error = subject.generate().await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Timeout);
    assert!(error.to_string().contains("within 300s (the `loading` timeout)"), "{error}");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("currently loading"));
    assert!(!error.may_be_billed());
}

#[tokio::test]
async fn one_of_a_hundred_waiting_calls_polls_the_loading_model() {
    let subject = Subject::before((0..103).map(|_| loading()).chain([good()])).await;
    let calls = (0..100).map(|_| {
        let driver = subject.driver.clone();
        async move { driver.generate("Hi".into()).await }
    });
    let outcomes = subject.run(join_all(calls)).await;
    assert!(outcomes.iter().all(Result::is_ok));
    // All calls learn that the model is loading. One call polls three times without and once with success. Then 99 requests succeed.
    assert_eq!(subject.calls(), 100 + 4 + 99);
    // The waits of the calls do not add up.
    assert!(subject.clock.passed() < Duration::from_secs(200));
}

#[tokio::test]
async fn waiting_calls_continue_when_the_model_is_ready() {
    let unfinished = Script::stream(200, "application/json").piece("{").silence();
    let subject = Subject::before([loading(), loading(), unfinished, good()]).await;
    let (first, second) = (subject.driver.clone(), subject.driver.clone());
    let first = tokio::spawn(async move { first.generate("Hi".into()).await });
    while subject.waits.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn(async move { second.generate("Hi".into()).await });
    // The second call starts while the first one polls, so it sends no request.
    let answer = subject.run(async move { second.await.unwrap() }).await;
    assert_eq!(subject.calls(), 4, "the second call sent one request, after the model was ready");
    assert_eq!(answer.unwrap().text(), "Well");
    assert!(!first.is_finished());
    first.abort();
}

#[tokio::test]
async fn a_paused_endpoint_fails_at_once() {
    let subject = Subject::before([Script::json(400, r#"{"error":"Bad Request: Invalid state"}"#)]).await;
    let error = subject.generate().await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Paused);
    assert_eq!(subject.calls(), 1);
}

#[tokio::test]
async fn dropping_a_waiting_call_leaves_no_state() {
    let subject = Subject::before([status(500)]).await;
    let driver = subject.driver.clone();
    let task = tokio::spawn(async move { driver.generate("Hi".into()).await });
    while subject.waits.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let calls = subject.calls();
    subject.clock.advance(Duration::from_secs(100));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(subject.calls(), calls);
}

#[test]
fn the_test_clock_starts_in_1970() {
    use botticelli_interface::Clock;
    assert_eq!(ManualClock::default().wall_time(), UNIX_EPOCH);
}
