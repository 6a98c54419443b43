//! Invalid and incomplete responses: always an error with the actual cause, and never a lost token.

use crate::common::{collect, driver, failure, scripted, settings, stream_failure};
use botticelli_error::{BotticelliErrorKind, ErrorCategory, HttpErrorKind, JsonErrorKind, TimeoutKind};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_models::transport::Limits;
use botticelli_sandbox::{Sandbox, Script};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

const HELLO: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello, \"}}]}\n\n";
const WORLD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"wörld\"}}]}\n\n";
const STOP: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

fn events() -> Script {
    Script::stream(200, "text/event-stream")
}

#[tokio::test]
async fn a_success_without_a_response_is_an_error() {
    for (content_type, body, kind) in [
        ("text/html", &b"<!DOCTYPE html><h1>Welcome</h1>"[..], JsonErrorKind::Html),
        ("application/json", b"<html></html>", JsonErrorKind::Html),
        ("application/json", b"", JsonErrorKind::Empty),
        ("application/json", b"  \n", JsonErrorKind::Empty),
        ("application/json", b"{}", JsonErrorKind::NoChoices),
        ("application/json", b"{\"choices\":[]}", JsonErrorKind::NoChoices),
        ("application/json", b"{\"choices\":null}", JsonErrorKind::NoChoices),
        ("application/json", b"{\"choices\":\"none\"}", JsonErrorKind::NoChoices),
        (
            "application/json",
            b"{\"choices\":[{\"message\":{\"content\":\"\xff\xfe\"}}]}",
            JsonErrorKind::NotUtf8,
        ),
    ] {
        let sandbox = scripted(Script::text(200, content_type, body)).await;
        for error in [
            failure(&driver(&sandbox), "Hi".into()).await,
            stream_failure(&driver(&sandbox), "Hi".into()).await,
        ] {
            assert_eq!(error.category(), ErrorCategory::InvalidResponse, "{error}");
            let BotticelliErrorKind::Json(json) = error.kind() else { panic!("{error:?}") };
            assert_eq!(*json.kind(), kind);
            assert!(!error.is_retryable());
        }
    }
}

#[cfg(not(any(feature = "gzip", feature = "brotli", feature = "zstd")))]
#[tokio::test]
async fn the_error_of_an_unrequested_compression_names_the_feature() {
    for (encoding, feature) in [("gzip", "gzip"), ("br", "brotli"), ("zstd", "zstd")] {
        let body = |name| crate::common::compressed(encoding, name).concat();
        let json =
            |status, name| Script::json(status, "").header("content-encoding", encoding).piece(body(name));
        let stream = events().header("content-encoding", encoding).piece(body("stream"));
        for script in [json(200, "answer"), stream] {
            let sandbox = scripted(script).await;
            for error in [
                failure(&driver(&sandbox), "Hi".into()).await,
                stream_failure(&driver(&sandbox), "Hi".into()).await,
            ] {
                assert_eq!(error.category(), ErrorCategory::InvalidResponse, "{encoding}: {error}");
                assert!(error.to_string().contains(&format!("Enable the feature `{feature}`")), "{error}");
            }
            assert_eq!(sandbox.requests()[0].header("accept-encoding"), None);
        }
        // The status of the error response is known, and the driver invents no message.
        let error = failure(&driver(&scripted(json(429, "refusal")).await), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::RateLimited, "{encoding}");
        assert!(!error.to_string().contains("HTTP 429:"), "{error}");
    }
    // A server that puts the header over text sends text.
    let sandbox = Sandbox::builder()
        .with_turn(botticelli_sandbox::Fault::named("gzip-in-name-only").unwrap())
        .start()
        .await
        .unwrap();
    assert!(driver(&sandbox).generate("Hi".into()).await.is_ok());
}

#[tokio::test]
async fn the_message_of_an_error_is_found_after_any_prefix() {
    let long = vec!["[0]"; 10_000].join(",");
    let error =
        format!(r#"{{"error":{{"details":[{long}],"message":"the model is overloaded","code":429}}}}"#);
    for script in [
        Script::json(200, &*error),
        Script::json(429, &*error),
        Script::sse(format!("data: {error}\n\n")),
        Script::sse(format!("event: error\ndata: {error}\n\n")),
    ] {
        let error = stream_failure(&driver(&scripted(script).await), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::RateLimited, "{error}");
        assert!(error.to_string().contains("the model is overloaded"), "{error}");
    }
}

#[tokio::test]
async fn an_error_shows_the_beginning_of_invalid_json() {
    let sandbox = scripted(Script::json(200, "{\"choices\":[{\"message\":{\"content\":\"cut of")).await;
    let error = failure(&driver(&sandbox), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::InvalidResponse);
    assert!(error.to_string().contains("it starts with"), "{error}");
}

#[tokio::test]
async fn an_error_in_a_success_is_an_error() {
    for (body, category) in [
        (r#"{"error":{"message":"boom","type":"server_error"}}"#, ErrorCategory::Server),
        (r#"{"error":"Model is overloaded","error_type":"overloaded"}"#, ErrorCategory::RateLimited),
        (r#"{"error":{"message":"slow down","code":429}}"#, ErrorCategory::RateLimited),
        (r#"{"error":{"message":"bad","http_status_code":422}}"#, ErrorCategory::InvalidRequest),
        (
            r#"{"object":"error","message":"no such thing","type":"invalid_request_error"}"#,
            ErrorCategory::InvalidRequest,
        ),
        (r#"{"detail":"Not today"}"#, ErrorCategory::Server),
        (r#"{"error":"no template","error_type":"template_error"}"#, ErrorCategory::NotChatModel),
        (
            r#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"error":"late"}"#,
            ErrorCategory::Server,
        ),
    ] {
        let sandbox = scripted(Script::json(200, body)).await;
        for error in [
            failure(&driver(&sandbox), "Hi".into()).await,
            stream_failure(&driver(&sandbox), "Hi".into()).await,
        ] {
            assert_eq!(error.category(), category, "{body}: {error}");
            assert_eq!(error.status(), None, "the call succeeded");
            assert_eq!(error.provider(), Some("huggingface"));
        }
    }
}

#[tokio::test]
async fn a_null_error_is_not_an_error() {
    let body = r#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"error":null}"#;
    let sandbox = scripted(Script::json(200, body)).await;
    assert_eq!(driver(&sandbox).generate("Hi".into()).await.unwrap().text(), "x");
}

#[tokio::test]
async fn a_stream_cut_before_its_finish_reason_keeps_the_partial_response() {
    for ending in [events().piece(HELLO).piece(WORLD), events().piece(HELLO).piece(WORLD).cut()] {
        let sandbox = scripted(ending).await;
        let (chunks, error) = collect(&driver(&sandbox), "Hi".into()).await;
        let text: String = chunks.iter().map(botticelli_core::StreamChunk::text).collect();
        assert_eq!(text, "Hello, wörld");
        let error = error.expect("it was no complete answer");
        assert_eq!(error.partial().unwrap().text(), "Hello, wörld");
        let expected = [ErrorCategory::Interrupted, ErrorCategory::Connection];
        assert!(expected.contains(&error.category()), "{error}");
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn a_stream_that_ends_at_once_is_an_error() {
    let sandbox = scripted(events()).await;
    let error = stream_failure(&driver(&sandbox), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::Interrupted);
    assert!(error.partial().is_none());
}

#[tokio::test]
async fn an_incomplete_event_at_the_end_is_not_read() {
    let cut = "data: {\"choices\":[{\"delta\":{\"content\":\"lost\"},\"finish_reason\":\"st";
    let sandbox = scripted(events().piece(HELLO).piece(cut)).await;
    let (_, error) = collect(&driver(&sandbox), "Hi".into()).await;
    let error = error.unwrap();
    assert_eq!(error.category(), ErrorCategory::Interrupted, "{error}");
    assert_eq!(error.partial().unwrap().text(), "Hello, ");
}

#[tokio::test]
async fn a_finish_reason_completes_the_response_whatever_follows() {
    for ending in [
        events().piece(HELLO).piece(STOP),
        events().piece(HELLO).piece(STOP).cut(),
        events().piece(HELLO).piece(STOP).piece(DONE).silence(),
        events().piece(HELLO).piece(STOP).piece("data: {nonsense\n\n"),
        events().piece(HELLO).piece(STOP).piece("\"").cut(),
        events().piece(HELLO).piece(STOP).piece(DONE).piece("data: {\"error\":\"too late\"}\n\n"),
    ] {
        let sandbox = scripted(ending).await;
        let (chunks, error) = collect(&driver(&sandbox), "Hi".into()).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(chunks.last().unwrap().response().unwrap().text(), "Hello, ");
    }
}

#[tokio::test]
async fn done_alone_completes_the_response_without_inventing_text() {
    let sandbox = scripted(events().piece(HELLO).piece(DONE)).await;
    let (chunks, error) = collect(&driver(&sandbox), "Hi".into()).await;
    assert!(error.is_none());
    let answer = chunks.last().unwrap().response().unwrap();
    assert_eq!(answer.finish_reason().as_str(), "unspecified");
    assert!(answer.usage().is_none());
}

#[tokio::test]
async fn usage_may_follow_the_finish_reason() {
    let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4}}\n\n";
    let sandbox = scripted(events().piece(HELLO).piece(STOP).piece(usage).piece(DONE)).await;
    let (chunks, _) = collect(&driver(&sandbox), "Hi".into()).await;
    assert_eq!(chunks.last().unwrap().usage().unwrap().total_tokens(), Some(4));
}

#[tokio::test]
async fn a_stream_that_ends_in_an_error_keeps_the_partial_response() {
    for turn in [
        "data: {\"error\":{\"message\":\"out of memory\",\"http_status_code\":500}}\n\n",
        "data: {\"error\":\"out of memory\",\"error_type\":\"generation\"}\n\n",
        "event: error\ndata: out of memory\n\n",
        "event: error\ndata: {\"message\":\"out of memory\"}\n\n",
        "data: {\"object\":\"error\",\"message\":\"out of memory\"}\n\n",
        // An error after the finish reason counts too.
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"error\":\"out of memory\"}\n\n",
    ] {
        let sandbox = scripted(events().piece(HELLO).piece(turn).piece(DONE)).await;
        let (chunks, error) = collect(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(chunks.len(), 1);
        let error = error.unwrap_or_else(|| panic!("{turn}"));
        let expected = [ErrorCategory::Server, ErrorCategory::Generation];
        assert!(expected.contains(&error.category()), "{turn}: {error}");
        assert!(error.to_string().contains("out of memory"), "{error}");
        assert_eq!(error.partial().unwrap().text(), "Hello, ");
    }
}

#[tokio::test]
async fn a_stream_that_starts_with_an_error_has_no_partial_response() {
    let body = "data: {\"error\":\"Input validation error\",\"error_type\":\"validation\"}\n\n";
    let error = stream_failure(&driver(&scripted(Script::sse(body)).await), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::InvalidRequest);
    assert!(error.partial().is_none());
}

#[tokio::test]
async fn an_unreadable_event_is_an_error_and_is_not_skipped() {
    for broken in [&b"data: {\"choices\":[{\n\n"[..], b"data: \xff\xfe\n\n", b"data: hello\n\n"] {
        let sandbox = scripted(events().piece(HELLO).piece(broken).piece(WORLD).piece(STOP)).await;
        let (chunks, error) = collect(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(chunks.len(), 1);
        let error = error.unwrap();
        assert_eq!(error.category(), ErrorCategory::InvalidResponse, "{error}");
        assert_eq!(error.partial().unwrap().text(), "Hello, ");
    }
}

#[tokio::test]
async fn a_partial_tool_call_and_partial_reasoning_are_kept() {
    let reasoning = "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm. \"}}]}\n\n";
    let call = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":\
                {\"name\":\"weather\",\"arguments\":\"{\\\"ci\"}}]}}],\"usage\":{\"prompt_tokens\":9}}\n\n";
    let sandbox = scripted(events().piece(reasoning).piece(call).cut()).await;
    let error = stream_failure(&driver(&sandbox), "Hi".into()).await;
    let partial = error.partial().unwrap();
    assert_eq!(partial.reasoning(), "Hm. ");
    assert_eq!(partial.tool_calls()[0].name(), "weather");
    assert_eq!(partial.tool_calls()[0].arguments(), "{\"ci");
    assert_eq!(partial.prompt_tokens(), Some(9));
}

#[tokio::test]
async fn a_plain_response_that_never_ends_is_rejected_at_the_limit() {
    let sandbox = scripted(
        Script::stream(200, "application/json").piece("{\"choices\":[").repeat("null,".repeat(1000)),
    )
    .await;
    let limits = Limits::default().with_response(100_000);
    let driver = settings(&sandbox).limits(limits).build().unwrap();
    for error in [failure(&driver, "Hi".into()).await, stream_failure(&driver, "Hi".into()).await] {
        assert_eq!(error.category(), ErrorCategory::TooLarge, "{error}");
        assert!(error.to_string().contains("100000 bytes"), "{error}");
    }
    drop(driver);
    sandbox.wait_until_disconnected().await;
}

#[tokio::test]
async fn an_event_that_never_ends_is_rejected_at_the_limit() {
    let limits = Limits::default().with_event(10_000);
    for endless in ["data: aaaaaaaaaaaaaaaaaaaaaaaa", "data: aaaaaaaaaaaaaaaaaaaaaaaa\n"] {
        let sandbox = scripted(events().piece(HELLO).repeat(endless.repeat(10))).await;
        let driver = settings(&sandbox).limits(limits).build().unwrap();
        let error = stream_failure(&driver, "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::TooLarge, "{error}");
        assert_eq!(error.partial().unwrap().text(), "Hello, ");
    }
}

#[tokio::test]
async fn a_stream_that_never_ends_is_rejected_at_the_limit() {
    let limits = Limits::default().with_response(10_000);
    let sandbox = scripted(events().repeat(HELLO)).await;
    let driver = settings(&sandbox).limits(limits).build().unwrap();
    for error in [stream_failure(&driver, "Hi".into()).await, failure(&driver, "Hi".into()).await] {
        assert_eq!(error.category(), ErrorCategory::TooLarge, "{error}");
        let arrived = error.partial().unwrap().text().len();
        assert!((10_000..11_000).contains(&arrived), "{arrived} bytes are kept");
    }
}

#[tokio::test]
async fn an_unrequested_stream_is_bounded_by_the_total_timeout() {
    let sandbox = scripted(events().piece(HELLO).silence()).await;
    let (driver, clock) = with_clock(&sandbox);
    let call = tokio::spawn(async move { failure(&driver, "Hi".into()).await });
    let error = while_time_passes(&clock, call).await;
    assert_eq!(ran_out(&error), (TimeoutKind::Total, Duration::from_secs(600)));
    assert_eq!(error.partial().unwrap().text(), "Hello, ");
}

#[tokio::test]
async fn an_error_response_that_never_ends_is_read_to_its_limit() {
    let sandbox = scripted(Script::stream(400, "text/plain").repeat("no! ".repeat(500))).await;
    let error = failure(&driver(&sandbox), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::InvalidRequest);
}

/// A driver with a manual clock, and the clock.
fn with_clock(sandbox: &Sandbox) -> (impl BotticelliDriver + 'static, ManualClock) {
    let clock = ManualClock::default();
    let driver = settings(sandbox).clock(Arc::new(clock.clone())).build().unwrap();
    (driver, clock)
}

/// Advances the clock until `task` is done.
async fn while_time_passes<T>(clock: &ManualClock, task: JoinHandle<T>) -> T {
    while !task.is_finished() {
        clock.advance(Duration::from_secs(20));
        tokio::task::yield_now().await;
    }
    task.await.unwrap()
}

/// Returns the timeout that expired, and its duration.
fn ran_out(error: &botticelli_error::BotticelliError) -> (TimeoutKind, Duration) {
    assert_eq!(error.category(), ErrorCategory::Timeout, "{error}");
    let BotticelliErrorKind::Http(http) = error.kind() else { panic!("{error:?}") };
    let HttpErrorKind::Timeout { kind: clock, limit } = http.kind() else { panic!("{error:?}") };
    (*clock, *limit)
}

#[tokio::test]
async fn a_server_that_never_responds_ends_with_the_total_timeout() {
    for silent in [Script::hang(), Script::stream(200, "application/json").piece("{").silence()] {
        let sandbox = scripted(silent).await;
        let (driver, clock) = with_clock(&sandbox);
        let call = tokio::spawn(async move { failure(&driver, "Hi".into()).await });
        sandbox.wait_until_silent().await;
        let error = while_time_passes(&clock, call).await;
        assert_eq!(ran_out(&error), (TimeoutKind::Total, Duration::from_secs(600)));
        sandbox.wait_until_disconnected().await;
    }
}

#[tokio::test]
async fn a_stream_that_never_starts_ends_with_the_first_token_timeout() {
    for silent in [Script::hang(), events().silence(), events().piece(": still here\n\n").silence()] {
        let sandbox = scripted(silent).await;
        let (driver, clock) = with_clock(&sandbox);
        let call = tokio::spawn(async move { stream_failure(&driver, "Hi".into()).await });
        sandbox.wait_until_silent().await;
        let error = while_time_passes(&clock, call).await;
        assert_eq!(ran_out(&error), (TimeoutKind::FirstToken, Duration::from_secs(120)));
    }
}

#[tokio::test]
async fn a_silent_stream_ends_with_the_idle_timeout_and_keeps_the_partial_response() {
    let sandbox = scripted(events().piece(HELLO).silence()).await;
    let (driver, clock) = with_clock(&sandbox);
    let mut stream = driver.generate_stream("Hi".into()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().text(), "Hello, ");
    let rest = tokio::spawn(async move { stream.next().await });
    sandbox.wait_until_silent().await;
    let error = while_time_passes(&clock, rest).await.unwrap().unwrap_err();
    assert_eq!(ran_out(&error), (TimeoutKind::Idle, Duration::from_secs(60)));
    assert_eq!(error.partial().unwrap().text(), "Hello, ");
}

#[tokio::test]
async fn a_paused_reader_does_not_time_out() {
    let sandbox = scripted(events().piece(HELLO).piece(WORLD).piece(STOP)).await;
    let (driver, clock) = with_clock(&sandbox);
    let mut stream = driver.generate_stream("Hi".into()).await.unwrap();
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text.push_str(chunk.unwrap().text());
        clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(text, "Hello, wörld");
}

#[tokio::test]
async fn a_complete_response_does_not_wait_for_the_connection_to_close() {
    let sandbox = scripted(events().piece(HELLO).piece(STOP).silence()).await;
    let (driver, clock) = with_clock(&sandbox);
    let mut stream = driver.generate_stream("Hi".into()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    let rest = tokio::spawn(async move { stream.next().await });
    sandbox.wait_until_silent().await;
    assert!(while_time_passes(&clock, rest).await.unwrap().unwrap().is_final());
}

#[tokio::test]
async fn dropping_a_stream_closes_its_connection() {
    for ending in [events().piece(HELLO).silence(), events().repeat(HELLO)] {
        let sandbox = scripted(ending).await;
        let mut stream = driver(&sandbox).generate_stream("Hi".into()).await.unwrap();
        assert!(stream.next().await.unwrap().is_ok());
        assert_eq!(sandbox.open_connections(), 1);
        drop(stream);
        sandbox.wait_until_disconnected().await;
    }
}

#[tokio::test]
async fn an_unreachable_server_is_reported_as_such() {
    // A port that was free a moment ago.
    let host = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).base_url(format!("http://{host}/v1")).build().unwrap();
    let error = failure(&driver, "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::Connection);
    let expected = format!("no connection to {host} (connection refused: no server listens there). ");
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_connection_closed_without_a_response_is_reported_as_such() {
    let error = failure(&driver(&scripted(Script::close()).await), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::Connection);
    assert!(error.to_string().contains("closed the connection without a response"), "{error}");
}

#[tokio::test]
async fn a_cut_plain_response_is_reported_as_such() {
    let sandbox = scripted(Script::stream(200, "application/json").piece("{\"choices\":[").cut()).await;
    let error = failure(&driver(&sandbox), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::Connection, "{error}");
}
