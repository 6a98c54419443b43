//! Options that only the driver adds are omitted if a server rejects them. Options that a server ignores cause a warning.

use crate::common::{collect, folded, scripted, settings, text};
use botticelli_core::{CompletionRequest, GenerateRequest, GenerateResponse, ToolChoice, ToolDefinition};
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::{ReceivedRequest, Sandbox, SandboxBuilder, Script};
use serde_json::json;

const STREAM: &str =
    "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"},\"finish_reason\":\"stop\"}]}\n\n";

async fn after(scripts: impl IntoIterator<Item = Script>) -> Sandbox {
    scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap()
}

fn refused() -> Script {
    let detail = json!([{"type": "extra_forbidden", "loc": ["body", "stream_options"],
                         "msg": "Extra inputs are not permitted", "input": {"include_usage": true}}]);
    Script::json(422, json!({ "detail": detail }))
}

/// Returns for each request whether it requests usage.
fn requests_usage(sandbox: &Sandbox) -> Vec<bool> {
    let asks = |request: &ReceivedRequest| request.body().get("stream_options").is_some();
    sandbox.requests().iter().map(asks).collect()
}

#[tokio::test]
async fn a_request_rejected_for_stream_options_is_repeated_without_them() {
    let content = |status: u16, message: &str| {
        Script::json(status, json!({"error": {"message": message, "type": "invalid_request_error"}}))
    };
    for script in [
        refused(),
        content(400, "Unrecognized request argument supplied: stream_options"),
        content(400, "stream_options is not supported"),
        Script::json(
            400,
            r#"{"error":{"message":"Unknown parameter","param":"stream_options.include_usage"}}"#,
        ),
        content(500, "create() got an unexpected keyword argument 'stream_options'"),
        Script::sse("data: {\"error\":{\"message\":\"stream_options is not supported\",\"code\":400}}\n\n"),
    ] {
        let sandbox = after([script, Script::sse(STREAM)]).await;
        // The repeated request is not a retry: the driver has retries turned off.
        let driver = settings(&sandbox).build().unwrap();
        let answer = folded(&driver, "Hi".into()).await;
        assert_eq!((&*answer.text(), answer.retries().len()), ("Well", 0));
        assert_eq!(requests_usage(&sandbox), [true, false]);
        let sent = sandbox.requests();
        assert_eq!(sent[0].body()["messages"], sent[1].body()["messages"]);
        assert_eq!(sent[1].body()["stream"], true);
        // The router looks for the model in the first bytes.
        assert!(sent[1].text().starts_with("{\"model\""), "{}", sent[1].text());
    }
}

#[tokio::test]
async fn all_clones_remember_a_server_that_rejects_stream_options() {
    let sandbox = after([refused(), Script::sse(STREAM)]).await;
    let driver = settings(&sandbox).build().unwrap();
    folded(&driver, "Hi".into()).await;
    folded(&driver.clone(), "Hi".into()).await;
    folded(&driver, GenerateRequest::from("Hi").with_model("org/other")).await;
    assert_eq!(requests_usage(&sandbox), [true, false, false, false]);
    // Another driver knows nothing of it.
    folded(&settings(&sandbox).build().unwrap(), "Hi".into()).await;
    assert_eq!(requests_usage(&sandbox).last(), Some(&true));
}

#[tokio::test]
async fn a_text_completion_rejected_for_stream_options_is_repeated_too() {
    let text = "data: {\"choices\":[{\"text\":\"Well\",\"finish_reason\":\"stop\"}]}\n\n";
    let sandbox = after([refused(), Script::sse(text)]).await;
    let driver = settings(&sandbox).build().unwrap();
    for _ in 0..2 {
        assert_eq!(text::folded(&driver, CompletionRequest::from("Hi")).await.text(), "Well");
    }
    assert_eq!(requests_usage(&sandbox), [true, false, false]);
}

#[tokio::test]
async fn a_server_that_rejects_both_requests_receives_two_and_is_not_remembered() {
    let sandbox = after([refused(), Script::json(422, r#"{"error":"no"}"#), Script::sse(STREAM)]).await;
    let driver = settings(&sandbox).build().unwrap();
    let (_, error) = collect(&driver, "Hi".into()).await;
    assert_eq!(error.unwrap().status(), Some(422));
    folded(&driver, "Hi".into()).await;
    assert_eq!(requests_usage(&sandbox), [true, false, true]);
}

#[tokio::test]
async fn an_error_about_another_field_is_not_repeated() {
    let sandbox = after([Script::json(422, r#"{"error":"stream must be a boolean"}"#)]).await;
    let (_, error) = collect(&settings(&sandbox).build().unwrap(), "Hi".into()).await;
    assert!(error.is_some());
    assert_eq!(sandbox.requests().len(), 1);
}

/// A request whose tools the model may, must or must not call.
fn choosing(choice: ToolChoice) -> GenerateRequest {
    let tools = ["look", "listen"].map(|name| ToolDefinition::without_arguments(name).unwrap());
    GenerateRequest::from("Hi").with_tools(tools.to_vec()).with_tool_choice(Some(choice))
}

fn message(message: &serde_json::Value, reason: &str) -> Script {
    Script::json(200, json!({"choices": [{"message": message, "finish_reason": reason}]}))
}

fn delta(delta: &serde_json::Value, reason: &str) -> Script {
    let chunk = json!({"choices": [{"delta": delta, "finish_reason": reason}]});
    Script::sse(format!("data: {chunk}\n\ndata: [DONE]\n\n"))
}

/// Returns the responses to `choice`: plain, streamed, and streamed in one piece.
async fn answers(choice: ToolChoice, content: &serde_json::Value, reason: &str) -> [GenerateResponse; 3] {
    let (one, two) = (scripted(message(content, reason)).await, scripted(delta(content, reason)).await);
    let (plain, streamed) = (settings(&one).build().unwrap(), settings(&two).build().unwrap());
    [
        plain.generate(choosing(choice.clone())).await.unwrap(),
        folded(&streamed, choosing(choice.clone())).await,
        folded(&plain, choosing(choice)).await,
    ]
}

fn call(name: &str) -> serde_json::Value {
    json!({"content": null, "tool_calls": [{"index": 0, "id": "a", "type": "function",
                                            "function": {"name": name, "arguments": "{}"}}]})
}

#[tokio::test]
async fn a_server_that_ignores_tool_choice_causes_a_warning() {
    let text = json!({"content": "Well"});
    for (choice, content, reason, warned) in [
        (ToolChoice::Required, &text, "stop", Some("calls no tool")),
        (ToolChoice::Required, &call("look"), "tool_calls", None),
        (ToolChoice::Function("look".into()), &text, "stop", Some("calls no tool")),
        (ToolChoice::Function("look".into()), &call("listen"), "tool_calls", Some("calls \"listen\"")),
        (ToolChoice::Function("look".into()), &call("look"), "tool_calls", None),
        (ToolChoice::None, &call("look"), "tool_calls", Some("calls \"look\"")),
        (ToolChoice::None, &text, "stop", None),
        (ToolChoice::Auto, &text, "stop", None),
        // It was cut off before it could, or will not.
        (ToolChoice::Required, &text, "length", None),
        (ToolChoice::Required, &json!({"refusal": "No"}), "stop", None),
    ] {
        for answer in answers(choice.clone(), content, reason).await {
            let warnings = answer.warnings();
            match warned {
                Some(words) => {
                    assert_eq!(warnings.len(), 1, "{choice:?}: {warnings:?}");
                    let is_explained =
                        warnings[0].contains("ignored `tool_choice") && warnings[0].contains(words);
                    assert!(is_explained, "{choice:?}: {warnings:?}");
                }
                None => assert!(warnings.is_empty(), "{choice:?}, {content}: {warnings:?}"),
            }
        }
    }
}
