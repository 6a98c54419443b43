//! An error response of any shape keeps its category and its message: with an error status, with 200, and in a stream.

use crate::common::{driver, failure, scripted, settings, stream_failure};
use botticelli_core::{GenerateRequest, RetryConfig};
use botticelli_error::{ErrorCategory, ErrorCategory::*, PartialResponse};
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::{Sandbox, Script};

/// Shape, meaning within a success, and words that the message must have.
const SHAPES: &[(&str, ErrorCategory, &str)] = &[
    // DeepInfra.
    (
        r#"{"id":"x","object":"chat.completion.chunk","choices":null,"error_type":"context_length_exceeded","error_message":"9001 tokens were asked for, and 8192 fit"}"#,
        ContextExceeded,
        "8192 fit",
    ),
    (
        r#"{"choices":[],"error_message":"too many requests","status_code":429}"#,
        RateLimited,
        "too many requests",
    ),
    (r#"{"error_message":"no such thing","error_code":400}"#, InvalidRequest, "no such thing"),
    (r#"{"error_code":429,"text":"slow down a little"}"#, RateLimited, "slow down a little"),
    (r#"{"error_code":"rate_limit_reached","text":"slow down a little"}"#, RateLimited, "slow down a little"),
    (r#"{"status_code":402,"message":"pay first"}"#, CreditsExhausted, "pay first"),
    (r#"{"errors":["I am","a teapot"],"code":418}"#, InvalidRequest, "I am; a teapot"),
    (r#"{"errors":[{"message":"slow down","code":429}]}"#, RateLimited, "slow down"),
    (r#"{"detail":"wrong","status":422}"#, InvalidRequest, "wrong"),
    (r#"{"detail":{"error":{"message":"wrong","code":400}}}"#, InvalidRequest, "wrong"),
    (r#"{"message":"wrong","code":400}"#, InvalidRequest, "wrong"),
    (
        r#"{"object":"error","message":"wrong","type":"BadRequestError","code":40301}"#,
        InvalidRequest,
        "wrong",
    ),
    (r#"{"error":{"message":"wrong","status_code":400}}"#, InvalidRequest, "wrong"),
    (r#"{"error":{"message":"wrong","code":"400"}}"#, InvalidRequest, "wrong"),
    (r#"{"error":"wrong","error_type":"validation"}"#, InvalidRequest, "wrong"),
    (r#"{"error":true,"message":"prompt is too long"}"#, ContextExceeded, "prompt is too long"),
    (
        r#"{"error":"Bad Request","message":"prompt is too long","statusCode":400}"#,
        ContextExceeded,
        "prompt is too long",
    ),
    (
        r#"{"error":"invalid_request","error_message":"prompt is too long"}"#,
        ContextExceeded,
        "prompt is too long",
    ),
    // A gateway that repeats the provider.
    (
        r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"maximum context length is 8192\",\"code\":400}}","provider_name":"P"}}}"#,
        ContextExceeded,
        "maximum context length is 8192",
    ),
    (
        r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"{\"error\":{\"code\":\"1113\",\"message\":\"please recharge\"}}"}}}"#,
        Server,
        "please recharge",
    ),
    // JSON in a string of JSON.
    (
        r#"{"error":"{\"error\":{\"message\":\"prompt is too long\",\"code\":400}}"}"#,
        ContextExceeded,
        "prompt is too long",
    ),
    (r#"{"message":"{\"detail\":\"wrong\",\"status\":422}"}"#, InvalidRequest, "wrong"),
    // MiniMax.
    (
        r#"{"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}"#,
        CreditsExhausted,
        "insufficient balance",
    ),
    // Z.ai.
    (r#"{"code":1302,"msg":"too many requests at once","success":false}"#, RateLimited, "at once"),
    (r#"{"code":"1234","msg":"the network broke"}"#, Server, "the network broke"),
    (r#"{"code":500,"msg":"boom"}"#, Server, "boom"),
    (r#"{"code":401,"msg":"no such key","choices":[]}"#, Authentication, "no such key"),
    // A code is more specific than a type.
    (
        r#"{"error":{"message":"no","type":"invalid_request_error","code":"rate_limit_exceeded"}}"#,
        RateLimited,
        "no",
    ),
    (
        r#"{"error":{"message":"no","type":"invalid_request_error","code":"invalid_api_key"}}"#,
        Authentication,
        "no",
    ),
    (r#"{"error":{"message":"no","type":"insufficient_quota"}}"#, CreditsExhausted, "no"),
    (r#"{"error":{"message":"no","type":"permission_error"}}"#, Permission, "no"),
    // The error of a choice.
    (
        r#"{"choices":[{"index":0,"delta":{},"error":{"code":429,"message":"slow down"}}]}"#,
        RateLimited,
        "slow down",
    ),
    (r#"{"choices":[{"index":0,"delta":{"content":""}}],"error_message":"it broke"}"#, Server, "it broke"),
];

#[tokio::test]
async fn an_error_of_any_shape_in_a_success_keeps_its_meaning() {
    for (shape, category, words) in SHAPES {
        let event = format!("data: {shape}\n\n");
        for script in [Script::json(200, *shape), Script::sse(event)] {
            let sandbox = scripted(script).await;
            let driver = driver(&sandbox);
            for error in [failure(&driver, "Hi".into()).await, stream_failure(&driver, "Hi".into()).await] {
                assert_eq!(error.category(), *category, "{shape}: {error}");
                assert!(error.to_string().contains(words), "{shape}: {error}");
                assert!(!error.to_string().contains("{\\"), "{shape}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn an_error_of_any_shape_after_text_keeps_its_meaning() {
    const TEXT: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Sandro\"}}]}\n\n";
    for (shape, category, words) in SHAPES {
        for name in ["", "event: error\n"] {
            let sandbox = scripted(Script::sse(format!("{TEXT}{name}data: {shape}\n\n"))).await;
            let error = stream_failure(&driver(&sandbox), "Hi".into()).await;
            assert_eq!(error.category(), *category, "{name}{shape}: {error}");
            assert!(error.to_string().contains(words), "{name}{shape}: {error}");
            assert_eq!(error.partial().unwrap().text(), "Sandro", "{shape}");
        }
    }
}

#[tokio::test]
async fn an_unknown_error_ends_the_stream_and_is_not_retried() {
    let events = [
        "data: {\"errors\":[\"boom\"]}\n\ndata: [DONE]\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Sandro\"}}]}\n\ndata: {\"errors\":[\"boom\"]}\n\ndata: [DONE]\n\n",
    ];
    for (events, arrived) in events.into_iter().zip([None, Some("Sandro")]) {
        let sandbox = scripted(Script::sse(events)).await;
        let error = stream_failure(&again(&sandbox), "Hi".into()).await;
        assert_eq!(error.category(), InvalidResponse, "{error}");
        assert!(error.to_string().contains("boom"), "{error}");
        assert_eq!(error.partial().map(PartialResponse::text), arrived);
        assert_eq!(sandbox.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_empty_error_field_is_not_an_error() {
    for nothing in [
        r#""error":null"#,
        r#""error":{}"#,
        r#""error":{"message":"","code":0,"type":null}"#,
        r#""error":0"#,
        r#""errors":[]"#,
        r#""errors":[null]"#,
        r#""error_message":"""#,
        r#""error_message":null,"error_type":null"#,
        r#""status_code":200"#,
        r#""base_resp":{"status_code":0,"status_msg":"success"}"#,
        r#""message":"ok","detail":"fine""#,
        r#""code":1302,"msg":"ok""#,
    ] {
        let body =
            format!(r#"{{"choices":[{{"message":{{"content":"ok"}},"finish_reason":"stop"}}],{nothing}}}"#);
        let sandbox = scripted(Script::json(200, body)).await;
        let answer = botticelli_interface::BotticelliDriver::generate(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(answer.unwrap().text(), "ok", "{nothing}");
        let events = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"ok\"}}}}],{nothing}}}\n\n\
             data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}],{nothing}}}\n\ndata: [DONE]\n\n"
        );
        let sandbox = scripted(Script::sse(events)).await;
        assert_eq!(crate::common::folded(&driver(&sandbox), "Hi".into()).await.text(), "ok", "{nothing}");
    }
}

#[tokio::test]
async fn the_success_of_a_gateway_is_not_an_error() {
    for word in
        [r#""code":"SUCCESS","msg":"success""#, r#""code":20000,"msg":"ok""#, r#""code":"7","msg":"OK""#]
    {
        let last = format!(
            r#"{{"choices":[],"usage":{{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}},{word}}}"#
        );
        let events = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"ok\"}},\"finish_reason\":\"stop\"}}]}}\n\n\
             data: {last}\n\ndata: [DONE]\n\n"
        );
        let sandbox = scripted(Script::sse(events)).await;
        let response = crate::common::folded(&driver(&sandbox), "Hi".into()).await;
        assert_eq!((&*response.text(), response.usage().unwrap().total_tokens()), ("ok", Some(3)), "{word}");
    }
}

/// A driver that retries without waiting.
fn again(sandbox: &Sandbox) -> HuggingFaceDriver {
    let retry = RetryConfig::default()
        .with_base_delay(std::time::Duration::from_millis(1))
        .with_max_delay(std::time::Duration::from_millis(1));
    settings(sandbox).retry(retry).build().unwrap()
}

#[tokio::test]
async fn permanent_errors_are_not_retried_and_a_failed_generation_is_retried_once() {
    for (status, body, calls) in [
        (429, r#"{"error":{"code":"1113","message":"please recharge"}}"#, 1),
        (412, r#"{"error":"Account suspended: unpaid invoice"}"#, 1),
        (500, r#"{"error":{"message":"Grammar error: Unimplemented keys"}}"#, 1),
        (500, r#"{"error":{"message":"image input is not supported"}}"#, 1),
        (500, r#"{"error":{"message":"Context size has been exceeded."}}"#, 1),
        (500, r#"{"error":{"message":"Jinja Exception: roles must alternate"}}"#, 1),
        (200, r#"{"error":"Unexpected endpoint or method. (POST /x)"}"#, 1),
        (200, r#"{"choices":null,"error_type":"context_length_exceeded","error_message":"no"}"#, 1),
        (400, r#"{"error":{"message":"no","code":"json_validate_failed"}}"#, 2),
        (498, r#"{"error":{"message":"no capacity"}}"#, 4),
        (503, "<html>Service Unavailable</html>", 4),
        (522, "<html>Connection timed out</html>", 4),
    ] {
        let script = || {
            Script::text(status, if body.starts_with('<') { "text/html" } else { "application/json" }, body)
        };
        let sandbox = scripted(script()).await;
        let error = failure(&again(&sandbox), GenerateRequest::from("Hi")).await;
        assert_eq!(sandbox.requests().len(), calls, "{status} {body}: {error}");
        assert_eq!(error.attempts(), u32::try_from(calls).unwrap());
        let sandbox = scripted(script()).await;
        let error = stream_failure(&again(&sandbox), GenerateRequest::from("Hi")).await;
        assert_eq!(sandbox.requests().len(), calls, "{status} {body} streamed: {error}");
    }
}

#[tokio::test]
async fn an_error_names_the_server_that_responded() {
    for (status, body) in
        [(400, r#"{"error":"no"}"#), (422, r#"{"error":"template not found"}"#), (500, ""), (402, "")]
    {
        let sandbox = scripted(Script::text(status, "application/json", body)).await;
        let host = sandbox.origin().trim_start_matches("http://").to_owned();
        for error in [
            failure(&driver(&sandbox), "Hi".into()).await,
            stream_failure(&driver(&sandbox), "Hi".into()).await,
        ] {
            assert_eq!(error.to_string().matches(&host).count(), 1, "{error}");
            assert!(!error.to_string().contains("huggingface:"), "{error}");
            assert_eq!(error.provider(), Some("huggingface"));
        }
    }
}

#[tokio::test]
async fn the_error_of_a_too_large_request_names_the_part_to_reduce() {
    use botticelli_core::{Input, MediaSource, Message};
    let sandbox = scripted(Script::text(413, "text/plain", "length limit exceeded")).await;
    let driver = driver(&sandbox);
    let image = Input::Image(MediaSource::Url("https://example.org/x.png".into()));
    let with_image = GenerateRequest::from(Message::user("Look").with(image));
    for (request, mentions) in [(GenerateRequest::from("Hi"), false), (with_image, true)] {
        for error in [failure(&driver, request.clone()).await, stream_failure(&driver, request).await] {
            assert_eq!(error.category(), TooLarge);
            assert_eq!(error.advice().contains("image"), mentions, "{error}");
            assert!(error.advice().contains("shorter text"), "{error}");
        }
    }
}
