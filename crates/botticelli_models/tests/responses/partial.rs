//! The content of a response is kept, however the response ends, and is not requested again.

use crate::common::subject::Subject;
use crate::common::{failure, scripted, settings};
use botticelli_core::{CompletionRequest, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::CompletionDriver;
use botticelli_models::huggingface::Dialect;
use botticelli_models::transport::Limits;
use botticelli_sandbox::Script;
use std::time::Duration;

/// A response with the text "Hello", and `more` after its choices.
fn hello(more: &str) -> String {
    format!(
        r#"{{"id":"1","choices":[{{"message":{{"content":"Hello"}},"finish_reason":null}}],"usage":{{"prompt_tokens":7,"completion_tokens":1}}{more}}}"#
    )
}

/// The errors that a success may have, and their categories.
const ERRORS: [(&str, ErrorCategory); 6] = [
    (r#"{"message":"Model org/m is currently loading","code":503}"#, ErrorCategory::Loading),
    (r#"{"message":"loading","code":503,"estimated_time":0.0}"#, ErrorCategory::Loading),
    (r#"{"message":"overloaded","code":429}"#, ErrorCategory::RateLimited),
    (r#"{"message":"out of memory","code":500}"#, ErrorCategory::Server),
    (r#"{"message":"Request failed during generation","type":"generation"}"#, ErrorCategory::Generation),
    (r#""it broke""#, ErrorCategory::Server),
];

#[tokio::test]
async fn text_next_to_an_error_is_kept_and_not_requested_again() {
    for (error, category) in ERRORS {
        let body = hello(&format!(r#","error":{error}"#));
        // The response to a stream request may be one piece.
        for streamed in [false, true] {
            let subject = Subject::before([Script::json(200, &*body)]).await;
            let failed = subject.error(streamed).await;
            assert_eq!(failed.category(), category, "{error}");
            let partial = failed.partial().unwrap();
            assert_eq!((partial.text(), partial.prompt_tokens()), ("Hello", Some(7)), "{error}");
            assert_eq!((subject.calls(), failed.attempts()), (1, 1), "{error}");
            assert!(failed.may_be_billed());
        }
    }
}

#[tokio::test]
async fn text_before_an_error_event_is_kept_and_not_requested_again() {
    for (error, category) in ERRORS {
        let text = r#"data: {"choices":[{"delta":{"content":"Hello"}}]}"#;
        let both = format!(r#"data: {{"choices":[{{"delta":{{"content":"Hello"}}}}],"error":{error}}}"#);
        for body in [format!("{text}\n\ndata: {{\"error\":{error}}}\n\n"), format!("{both}\n\n")] {
            for streamed in [false, true] {
                let subject = Subject::before([Script::sse(&*body)]).await;
                let failed = subject.error(streamed).await;
                assert_eq!(failed.category(), category, "{body}");
                assert_eq!(failed.partial().unwrap().text(), "Hello", "{body}");
                assert_eq!(subject.calls(), 1, "{body}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_without_text_is_retried() {
    let subject = Subject::before([
        Script::json(200, r#"{"error":{"message":"out of memory","code":500}}"#),
        Script::json(200, hello("")),
    ])
    .await;
    assert_eq!(subject.generate().await.unwrap().text(), "Hello");
}

#[tokio::test]
async fn reasoning_and_calls_next_to_an_error_are_kept() {
    let call = r#"{"id":"a","type":"function","function":{"name":"look","arguments":"{}"}}"#;
    let message = format!(r#"{{"reasoning_content":"Hmm","content":"","tool_calls":[{call}]}}"#);
    let body = format!(r#"{{"choices":[{{"message":{message}}}],"error":"it broke"}}"#);
    let subject = Subject::before([Script::json(200, body)]).await;
    let error = subject.error(false).await;
    let partial = error.partial().unwrap();
    assert_eq!((partial.reasoning(), partial.tool_calls()[0].name()), ("Hmm", "look"));
    assert_eq!(subject.calls(), 1);
}

/// Incomplete bodies, and the text that they contain.
const BROKEN: [(&str, Option<&str>); 14] = [
    ("", None),
    (r#"{"choi"#, None),
    (r#"{"choices":[{"message":{"content":"#, None),
    (r#"{"choices":[{"message":{"content":""#, None),
    (r#"{"choices":[{"message":{"content":"Good"#, Some("Good")),
    (r#"{"choices":[{"message":{"content":"Good\"#, Some("Good")),
    (r#"{"choices":[{"message":{"content":"Good\\"#, Some("Good\\")),
    (r#"{"choices":[{"message":{"content":"Good\u00e"#, Some("Good")),
    (r#"{"choices":[{"message":{"content":"Good\ud83d\ude0"#, Some("Good")),
    (r#"{"choices":[{"message":{"content":"Good\ud83d\ude00"#, Some("Good😀")),
    (r#"{"choices":[{"message":{"content":"Hello","ro"#, Some("Hello")),
    (r#"{"choices":[{"message":{"content":"Hello","role":"assi"#, Some("Hello")),
    (r#"{"choices":[{"message":{"content":"Hello"},"index":1"#, Some("Hello")),
    (r#"{"choices":[{"message":{"content":"Hello"}}],"usage":{"prompt_tokens":7,"comp"#, Some("Hello")),
];

fn text_of(error: &BotticelliError) -> Option<&str> {
    error.partial().map(botticelli_error::PartialResponse::text)
}

#[tokio::test]
async fn the_text_of_a_cut_body_is_kept_and_not_requested_again() {
    let json = || Script::stream(200, "application/json");
    for (body, text) in BROKEN {
        for broken in [json().piece(body).cut(), json().piece(body).reset(), Script::json(200, body)] {
            for streamed in [false, true] {
                let subject = Subject::before([broken.clone()]).await;
                let error = subject.error(streamed).await;
                assert_eq!(text_of(&error), text, "{body}: {error}");
                assert!(error.may_be_billed());
                if text.is_some() {
                    assert_eq!(subject.calls(), 1, "{body}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_incomplete_character_at_the_end_is_not_part_of_the_text() {
    let mut body = br#"{"choices":[{"message":{"content":"No"#.to_vec();
    body.push(0xc3);
    for streamed in [false, true] {
        let subject =
            Subject::before([Script::stream(200, "application/json").piece(body.clone()).cut()]).await;
        assert_eq!(text_of(&subject.error(streamed).await), Some("No"));
    }
}

#[tokio::test]
async fn the_text_before_invalid_json_is_kept() {
    for garbage in [",,", "]]", "}}}", "<html><body>502 Bad Gateway</body></html>", "\u{0}"] {
        let body = format!(r#"{{"choices":[{{"message":{{"content":"Hello"}}}}]{garbage}"#);
        let subject = Subject::before([Script::json(200, &*body)]).await;
        let error = subject.error(false).await;
        assert_eq!((text_of(&error), subject.calls()), (Some("Hello"), 1), "{body}");
    }
    // The page of a proxy is not part of the response of the model.
    let page = "<!DOCTYPE html><html><body>502</body></html>\n";
    let body = format!(r#"{{"choices":[{{"message":{{"content":"Hello{page}"#);
    let subject = Subject::before([Script::json(200, &*body)]).await;
    assert_eq!(text_of(&subject.error(false).await), Some("Hello"));
}

#[tokio::test]
async fn the_text_of_a_body_that_stalls_is_kept() {
    let timeouts = Timeouts::default().with_total(Duration::from_secs(10));
    let body = r#"{"choices":[{"message":{"content":"Good"#;
    let stalled = Script::stream(200, "application/json").piece(body).silence();
    let subject = Subject::set_up([stalled], RetryConfig::default(), timeouts).await;
    let error = subject.error(false).await;
    assert_eq!((error.category(), text_of(&error)), (ErrorCategory::Timeout, Some("Good")));
    assert_eq!(subject.calls(), 1);
}

#[tokio::test]
async fn the_text_of_a_body_that_is_too_large_is_kept() {
    let body = format!(r#"{{"choices":[{{"message":{{"content":"{}"}}}}]}}"#, "x".repeat(100));
    let sandbox = scripted(Script::json(200, body)).await;
    let limits = Limits::default().with_response(60);
    let driver = settings(&sandbox).retry(RetryConfig::default()).limits(limits).build().unwrap();
    let error = failure(&driver, "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::TooLarge);
    assert!(text_of(&error).unwrap().starts_with("xxxxx"));
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn text_in_an_error_response_is_kept_and_not_requested_again() {
    for status in [500, 503, 504] {
        for streamed in [false, true] {
            let body = hello(r#","error":"the model timed out""#);
            let subject = Subject::before([Script::json(status, body)]).await;
            let error = subject.error(streamed).await;
            assert_eq!((error.status(), text_of(&error)), (Some(status), Some("Hello")));
            assert_eq!(subject.calls(), 1);
            assert!(error.may_be_billed());
        }
    }
}

#[tokio::test]
async fn the_partial_text_of_a_text_completion_is_kept() {
    let request = || CompletionRequest::from("Hi");
    for (dialect, body) in [
        (Dialect::OpenAi, r#"{"choices":[{"text":"Hello"}],"error":"it broke"}"#),
        (Dialect::OpenAi, r#"{"choices":[{"text":"Hello"#),
        (Dialect::Tgi, r#"[{"generated_text":"Hello","error":"it broke"}]"#),
        (Dialect::Tgi, r#"[{"generated_text":"Hello"#),
    ] {
        let sandbox = botticelli_sandbox::Sandbox::builder()
            .with_turn(Script::json(200, body))
            .with_dialect(botticelli_sandbox::Dialect::Tgi3)
            .start()
            .await
            .unwrap();
        let driver = settings(&sandbox).retry(RetryConfig::default()).dialect(dialect).build().unwrap();
        let error = driver.complete(request()).await.unwrap_err();
        assert_eq!(text_of(&error), Some("Hello"), "{body}: {error}");
        assert_eq!(sandbox.requests().len(), 1, "{body}");
    }
}

#[tokio::test]
async fn may_be_billed_considers_all_attempts() {
    let refused = || Script::json(400, r#"{"error":"no"}"#);
    // The first began with success, or no one knows whether it did; the last costs nothing.
    for billed in [
        Script::json(200, r#"{"error":{"message":"out of memory","code":500}}"#),
        Script::stream(200, "application/json").piece(r#"{"choi"#).cut(),
        Script::close(),
    ] {
        for streamed in [false, true] {
            let subject = Subject::before([billed.clone(), refused()]).await;
            let error = subject.error(streamed).await;
            assert_eq!((error.status(), error.attempts()), (Some(400), 2));
            assert!(error.may_be_billed(), "{billed:?}");
        }
    }
    let subject = Subject::before([Script::json(500, r#"{"error":"no"}"#), refused()]).await;
    assert!(!subject.error(false).await.may_be_billed());
}
