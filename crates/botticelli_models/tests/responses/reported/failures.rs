//! Failures that look like responses.

use super::event;
use crate::common::{collect, driver, failure, scripted};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::Script;
use serde_json::json;
use std::time::Duration;

/// The text that came before the failure.
fn open_stream() -> String {
    ["Sandro ", "Bot"].map(|text| event(&json!({"index": 0, "delta": {"content": text}}))).concat()
}

#[tokio::test]
async fn the_field_error_of_a_stream_is_an_error() {
    let error = r#"error: {"code":500,"message":"the slot was lost","type":"server_error"}"#;
    for end in ["\n\ndata: [DONE]\n\n", "\n\n", "\n", ""] {
        for open_stream in [
            open_stream(),
            open_stream() + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"}}]}\n",
        ] {
            let script = Script::sse(open_stream + error + end);
            let (_, failed) = collect(&driver(&scripted(script).await), "Hi".into()).await;
            let failed = failed.unwrap();
            assert_eq!(failed.category(), ErrorCategory::Server, "{end:?}");
            assert!(failed.to_string().contains("the slot was lost"), "{failed}");
            assert_eq!(failed.partial().unwrap().text(), "Sandro Bot");
        }
    }
}

#[tokio::test]
async fn an_error_as_bare_json_in_a_stream_is_an_error() {
    let error = r#"{"error":{"message":"the worker died","type":"internal_error","code":500}}"#;
    for end in ["\n", "\n\n", "\n\ndata: [DONE]\n\n"] {
        let (_, failed) =
            collect(&driver(&scripted(Script::sse(open_stream() + error + end)).await), "Hi".into()).await;
        let failed = failed.unwrap();
        assert!(failed.to_string().contains("the worker died"), "{failed}");
        assert_eq!(failed.partial().unwrap().text(), "Sandro Bot");
    }
}

#[tokio::test]
async fn a_finish_reason_that_names_a_failure_is_an_error() {
    for word in
        ["error", "abort", "ABORT", "cancelled", "network_error", "timeout", "insufficient_system_resource"]
    {
        let last = event(&json!({"index": 0, "delta": {"content": "ti"}, "finish_reason": word}));
        let (_, failed) = collect(
            &driver(&scripted(Script::sse(open_stream() + &last + "data: [DONE]\n\n")).await),
            "Hi".into(),
        )
        .await;
        let failed = failed.unwrap();
        assert_eq!(failed.partial().unwrap().text(), "Sandro Botti", "{word}");
        assert!(failed.to_string().contains(word), "{failed}");

        let body =
            json!({"choices": [{"index": 0, "message": {"content": "Sandro Botti"}, "finish_reason": word}]});
        let failed = failure(&driver(&scripted(Script::json(200, body)).await), "Hi".into()).await;
        assert_eq!(failed.partial().unwrap().text(), "Sandro Botti", "{word}");
        assert_eq!(failed.category(), ErrorCategory::Server, "{word}");
    }
    let typed = json!({"type": "abort", "message": "aborted by the scheduler"});
    let last = event(&json!({"index": 0, "delta": {}, "finish_reason": typed}));
    let (_, failed) =
        collect(&driver(&scripted(Script::sse(open_stream() + &last)).await), "Hi".into()).await;
    assert_eq!(failed.unwrap().partial().unwrap().text(), "Sandro Bot");
}

#[tokio::test]
async fn alternative_words_for_a_normal_end_are_recognized() {
    for (word, reason) in [
        ("STOP", "stop"),
        ("end_turn", "stop"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("SAFETY", "content_filter"),
        ("tool_use", "tool_calls"),
    ] {
        let body =
            json!({"choices": [{"index": 0, "message": {"content": "Venus."}, "finish_reason": word}]});
        let response = driver(&scripted(Script::json(200, body)).await).generate("Hi".into()).await.unwrap();
        assert_eq!(response.finish_reason().as_str(), reason, "{word}");
    }
}

#[tokio::test]
async fn text_next_to_an_error_in_a_plain_response_is_kept() {
    let choice = json!({"index": 0, "message": {"content": "Sandro Bot"}, "finish_reason": null});
    let body = json!({"choices": [choice], "error": {"message": "the worker died", "code": 500}, "usage": {"completion_tokens": 3}});
    let failed = failure(&driver(&scripted(Script::json(200, body)).await), "Hi".into()).await;
    let partial = failed.partial().unwrap();
    assert_eq!(partial.text(), "Sandro Bot");
    assert_eq!(partial.completion_tokens(), Some(3));
}

#[tokio::test]
async fn a_stream_under_the_wrong_content_type_is_read() {
    let last = event(&json!({"index": 0, "delta": {}, "finish_reason": "stop"}));
    for label in ["application/json", "application/json; charset=utf-8", "text/plain"] {
        let body = [open_stream(), last.clone()].concat();
        let sandbox = scripted(Script::text(200, label, body)).await;
        let (chunks, error) = collect(&driver(&sandbox), "Hi".into()).await;
        assert!(error.is_none(), "{label}: {error:?}");
        assert_eq!(chunks.last().unwrap().response().unwrap().text(), "Sandro Bot", "{label}");
    }
    let body = [open_stream(), last].concat();
    let sandbox = scripted(Script::text(200, "application/json", body)).await;
    assert_eq!(driver(&sandbox).generate("Hi".into()).await.unwrap().text(), "Sandro Bot");
}

#[tokio::test]
async fn an_error_under_an_unusual_status_keeps_its_meaning() {
    let google =
        json!([{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}]);
    let azure = json!({"error": {"code": "content_filter", "message": "The response was filtered.", "param": "prompt"}});
    let router = json!({"error": {"code": 404, "message": "No endpoints found that support tool use."}});
    for (status, body, category) in [
        (400, google, ErrorCategory::Authentication),
        (400, azure, ErrorCategory::Filtered),
        (404, router, ErrorCategory::Unsupported),
    ] {
        let sandbox = scripted(Script::json(status, body.clone())).await;
        let failed = failure(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(failed.category(), category, "{body}: {failed}");
        let (_, failed) = collect(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(failed.unwrap().category(), category, "{body}");
    }
}

#[tokio::test]
async fn a_wait_in_the_body_is_a_retry_hint() {
    let google = json!({"error": {"code": 429, "message": "Quota exceeded per minute.", "details": [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.25s"}]}});
    let gateway = json!({"error": {"message": "slow down", "metadata": {"retry_after_seconds": 1.25}}});
    for body in [google, gateway] {
        let sandbox = scripted(Script::json(429, body.clone())).await;
        let failed = failure(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(failed.category(), ErrorCategory::RateLimited, "{failed}");
        assert_eq!(failed.retry_after(), Some(Duration::from_millis(1250)), "{body}");
    }
}
