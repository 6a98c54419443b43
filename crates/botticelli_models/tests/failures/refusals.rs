//! Every error response of the service: its category, the model, the server and the remedy.

use crate::common::{driver, failure, scripted, settings, stream_failure};
use botticelli_core::GenerateRequest;
use botticelli_error::ErrorCategory::{self, *};
use botticelli_sandbox::{Sandbox, Script};
use std::time::Duration;

/// Status, body, category, and texts that the message must contain.
const REFUSALS: &[(u16, &str, ErrorCategory, &str)] = &[
    (
        400,
        r#"{"error":{"message":"The requested model 'org/m' is not supported by any provider you have enabled.","type":"invalid_request_error","param":"model","code":"model_not_supported"}}"#,
        NotServed,
        "Enable a provider",
    ),
    (
        400,
        r#"{"error":{"message":"The requested model 'org/m' is not a chat model.","type":"invalid_request_error","param":"model","code":"model_not_supported"}}"#,
        NotChatModel,
        "Use an instruct or chat model such as openai/gpt-oss-20b, or call `CompletionDriver::complete`.",
    ),
    (
        400,
        r#"{"error":{"message":"The requested model 'org/m' does not exist.","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#,
        NotFound,
        "Check the spelling",
    ),
    (400, r#"{"error":"Model not supported by provider hf-inference"}"#, NotServed, "Remove the provider"),
    (403, r#"{"error":"Model not supported by provider hf-inference"}"#, NotServed, "Remove the provider"),
    (
        400,
        r#"{"id":"x","error":{"message":"Invalid request","type":"invalid_request_error","param":"temperature","code":null}}"#,
        InvalidRequest,
        "Invalid request",
    ),
    (400, r#"{"error":"Bad Request: Invalid state"}"#, Paused, "Resume the endpoint"),
    (
        400,
        r#"{"error":{"code":400,"message":"request (3014 tokens) exceeds the available context size (2048 tokens), try increasing it","type":"exceed_context_size_error"}}"#,
        ContextExceeded,
        "Shorten the messages",
    ),
    (
        400,
        r#"{"error":{"message":"Failed to call a function","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<x>"}}"#,
        Generation,
        "once more",
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"model 'org/m' not found","type":"invalid_request_error"}}"#,
        NotFound,
        "Check the spelling",
    ),
    (400, r#"{"detail":"Server is pinned to 'a'; requested 'org/m'."}"#, InvalidRequest, "pinned to 'a'"),
    (
        401,
        r#"{"error":"Invalid username or password."}"#,
        Authentication,
        "Give the driver the token of this server",
    ),
    (401, r#"{"message":"No API key found in request","request_id":"r1"}"#, Authentication, "No API key"),
    (401, "", Authentication, "rejected the token"),
    (
        402,
        r#"{"error":"You have depleted your monthly included credits. Purchase pre-paid credits."}"#,
        CreditsExhausted,
        "Buy credits",
    ),
    (402, r#"{"error":"some other wording"}"#, CreditsExhausted, "PRO"),
    (
        402,
        r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 3919.","code":402}}"#,
        BudgetExceeded,
        "Lower `max_tokens`",
    ),
    (
        402,
        r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford 0.","code":402}}"#,
        CreditsExhausted,
        "credits",
    ),
    (
        403,
        r#"{"error":"This authentication method does not have sufficient permissions to call Inference Providers on behalf of user X"}"#,
        Permission,
        "Give the token the missing permission",
    ),
    (
        403,
        r#"{"error":"Access to model org/m is restricted: it is a gated repo"}"#,
        Permission,
        "Request access",
    ),
    (404, r#"{"error":"Model org/m does not exist"}"#, NotFound, "Check the spelling"),
    (404, r#"{"error":"Not Found: Model not found"}"#, NotFound, "Check the spelling"),
    (404, "404: Not Found", NotFound, "Check the base URL"),
    (404, r#"{"message":"no ProviderPolicy matched with those values"}"#, NotFound, "Check the base URL"),
    (404, r#"{"detail":"Not Found"}"#, NotFound, "Check the base URL"),
    (405, "", NotFound, "Check the base URL"),
    (408, r#"{"error":"timed out"}"#, Server, "Send the request again"),
    (
        410,
        r#"{"error":"https://api-inference.huggingface.co is no longer supported. Please use https://router.huggingface.co instead."}"#,
        NotFound,
        "https://router.huggingface.co/v1",
    ),
    (413, "Failed to buffer the request body: length limit exceeded", TooLarge, "Send a shorter text"),
    (415, "Expected request with `Content-Type: application/json`", InvalidRequest, "Content-Type"),
    (
        422,
        r#"{"error":"Template error: template not found","error_type":"template_error"}"#,
        NotChatModel,
        "Use an instruct or chat model such as openai/gpt-oss-20b, or call `CompletionDriver::complete`.",
    ),
    (
        422,
        "Failed to deserialize the JSON body into the target type: missing field `messages` at line 1 column 144",
        InvalidRequest,
        "missing field",
    ),
    (
        422,
        r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 17 `inputs` tokens and 10000 `max_new_tokens`","error_type":"validation"}"#,
        ContextExceeded,
        "Shorten the messages",
    ),
    (
        422,
        r#"{"error":"Tool error: Grammar and tools are mutually exclusive","error_type":"tool_error"}"#,
        InvalidRequest,
        "mutually exclusive",
    ),
    (
        422,
        r#"{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{"secret":"PROMPT"}}]}"#,
        InvalidRequest,
        "body.messages: Field required",
    ),
    (
        422,
        r#"{"detail":"invalid","status":422,"title":"Input validation failed","invalid_fields":[]}"#,
        InvalidRequest,
        "invalid",
    ),
    (
        424,
        r#"{"error":"Request failed during generation: out of memory","error_type":"generation"}"#,
        Generation,
        "once more",
    ),
    (429, r#"{"error":"Model is overloaded","error_type":"overloaded"}"#, RateLimited, "a little later"),
    (429, "", RateLimited, "a little later"),
    (500, r#"{"error":"Internal Error, please report to us"}"#, Server, "please report"),
    (500, "Internal Server Error", Server, "Internal Server Error"),
    (502, "<html><body>Bad Gateway</body></html>", Server, "HTTP 502"),
    (
        503,
        r#"{"error":"Model org/m is currently loading","estimated_time":20.0}"#,
        Loading,
        "which takes about 20 s",
    ),
    (503, r#"{"error":"503 Service Unavailable"}"#, Loading, "is loading"),
    (503, "", Loading, "is loading"),
    (
        503,
        r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
        Loading,
        "Loading model",
    ),
    (503, r#"{"error":"no capacity"}"#, Server, "no capacity"),
    (504, "", Server, "HTTP 504"),
    (529, r#"{"error":{"message":"overloaded"}}"#, Server, "HTTP 529"),
    (418, r#"{"errors":["I am","a teapot"]}"#, InvalidRequest, "I am; a teapot"),
];

#[tokio::test]
async fn every_error_response_has_its_category_and_remedy() {
    for (status, body, category, words) in REFUSALS {
        let json = body.starts_with('{');
        let script = Script::text(*status, if json { "application/json" } else { "text/plain" }, *body);
        let sandbox = scripted(script.header("x-request-id", "req-1")).await;
        let request = GenerateRequest::from("Hello").with_model("org/m");
        let plain = failure(&driver(&sandbox), request.clone()).await;
        let streamed = stream_failure(&driver(&sandbox), request).await;
        for error in [plain, streamed] {
            assert_eq!(error.category(), *category, "{status} {body}: {error}");
            assert!(error.to_string().contains(words), "{status} {body}: {error}");
            assert!(error.to_string().ends_with(&error.advice()), "{error}");
            assert_eq!(error.status(), Some(*status));
            assert_eq!(error.provider(), Some("huggingface"));
            assert_eq!(error.request_id(), Some("req-1"));
            assert_eq!(error.is_retryable(), category.is_retryable());
            assert!(!error.to_string().contains("PROMPT"), "the request is echoed: {error}");
            assert!(!error.to_string().contains("<html"), "{error}");
            assert!(error.partial().is_none());
        }
    }
}

#[tokio::test]
async fn the_errors_of_the_router_have_distinct_categories() {
    let sandbox = Sandbox::start().await.unwrap();
    for (model, category, words) in [
        ("gpt2", NotChatModel, "'gpt2' is not a chat model"),
        ("example/unserved-model", NotServed, "serves 'example/unserved-model'"),
        ("example/nothing", NotFound, "has no model 'example/nothing'"),
        ("openai/gpt-oss-20b:cerebras-of-old", NotServed, "openai/gpt-oss-20b:cerebras-of-old"),
    ] {
        let error = failure(&driver(&sandbox), GenerateRequest::from("Hello").with_model(model)).await;
        assert_eq!(error.category(), category, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    for (token, category) in [
        ("hf_wrong", Authentication),
        (Sandbox::TOKEN_WITHOUT_PERMISSION, Permission),
        (Sandbox::TOKEN_WITHOUT_CREDITS, CreditsExhausted),
    ] {
        let driver = settings(&sandbox).token(token).build().unwrap();
        assert_eq!(failure(&driver, "Hello".into()).await.category(), category);
    }
}

#[tokio::test]
async fn the_requested_wait_is_read_from_the_response() {
    let script = Script::json(429, r#"{"error":"slow down"}"#).header("retry-after", "7");
    let error = failure(&driver(&scripted(script).await), "Hello".into()).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(error.advice().contains("7 s"));

    let loading = Script::json(503, r#"{"error":"loading","estimated_time":2.5}"#);
    let error = failure(&driver(&scripted(loading).await), "Hello".into()).await;
    assert_eq!(error.retry_after(), Some(Duration::from_millis(2500)));
}

#[tokio::test]
async fn an_invalid_requested_wait_is_ignored() {
    for nonsense in ["-1", "soon", "NaN", "1e999", ""] {
        let script = Script::json(429, r#"{"error":"slow down"}"#).header("retry-after", nonsense);
        let error = failure(&driver(&scripted(script).await), "Hello".into()).await;
        assert_eq!(error.retry_after(), None, "{nonsense}");
    }
}

#[tokio::test]
async fn a_requested_wait_next_to_a_permanent_error_is_ignored() {
    let script = Script::json(402, r#"{"error":"no credits"}"#).header("retry-after", "7");
    let error = failure(&driver(&scripted(script).await), "Hello".into()).await;
    assert_eq!(error.retry_after(), None);
}

#[tokio::test]
async fn a_long_error_message_is_cut() {
    let body = format!(r#"{{"error":"{}"}}"#, "é".repeat(100_000));
    let error =
        failure(&driver(&scripted(Script::text(400, "text/plain", body)).await), "Hello".into()).await;
    assert!(error.to_string().len() < 2_000, "{} bytes", error.to_string().len());
    assert_eq!(error.category(), InvalidRequest);
}

#[tokio::test]
async fn a_redirect_is_an_error_and_not_followed() {
    let target = Sandbox::start().await.unwrap();
    let script = Script::text(307, "text/plain", "")
        .header("location", format!("{}/chat/completions?signature=abc", target.base_url()));
    let sandbox = scripted(script).await;
    let error = failure(&driver(&sandbox), "Hello".into()).await;
    assert_eq!(error.category(), Configuration);
    assert_eq!(error.status(), Some(307));
    assert!(error.to_string().contains(target.base_url()), "{error}");
    assert!(!error.to_string().contains("signature"), "{error}");
    assert!(target.requests().is_empty(), "the redirect was followed");
}

#[tokio::test]
async fn a_very_long_request_id_is_not_in_the_message() {
    for (length, is_kept) in [(200, true), (201, false), (9_000, false)] {
        let script = Script::json(400, r#"{"error":"no"}"#).header("x-request-id", "i".repeat(length));
        let sandbox = scripted(script.header("x-amz-cf-id", "short")).await;
        let error = failure(&driver(&sandbox), "Hi".into()).await;
        let expected = if is_kept { "i".repeat(length) } else { "short".to_owned() };
        assert_eq!(error.request_id(), Some(&*expected));
        assert!(error.to_string().len() < 600, "{error}");
    }
}
