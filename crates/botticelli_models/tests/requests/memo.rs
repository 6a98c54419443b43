//! The form of a request that several calls of a driver share: the body is always that of the request which is sent.

use crate::common::{collect, settings};
use botticelli_core::{
    GenerateRequest, GenerationConfig, Message, ReasoningEffort, RequestMemo, ResponseFormat, RetryGate,
    SentFlag, Timeouts, ToolChoice, ToolDefinition,
};
use botticelli_interface::BotticelliDriver;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::Sandbox;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

fn shared() -> GenerateRequest {
    GenerateRequest::from("Hi, as json").with_max_tokens(5).with_memo(RequestMemo::default())
}

fn tool() -> ToolDefinition {
    ToolDefinition::new("add", json!({"type": "object"})).unwrap()
}

/// Leaves the form of a request in its memo.
async fn remember(driver: &HuggingFaceDriver, request: &GenerateRequest) {
    driver.canonical_request(request).unwrap();
    driver.estimate(request).await.unwrap();
}

/// Sends a request, and returns the body.
async fn body(sandbox: &Sandbox, driver: &HuggingFaceDriver, request: GenerateRequest) -> String {
    driver.generate(request).await.unwrap();
    sandbox.requests().last().unwrap().text().to_owned()
}

#[tokio::test]
async fn a_form_that_was_left_is_the_body_that_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).generation(GenerationConfig::default().with_seed(3)).build().unwrap();
    let expected = body(&sandbox, &driver, shared().with_memo(None)).await;
    let request = shared();
    let before = driver.canonical_request(&request).unwrap();
    assert_eq!(body(&sandbox, &driver, request.clone()).await, expected);
    assert_eq!(driver.canonical_request(&request).unwrap(), before);

    // What is not sent does not matter.
    let timeouts = Timeouts::default().with_total(Duration::from_secs(9));
    let wrapped = request.with_timeouts(timeouts).with_sent_flag(SentFlag::default());
    assert_eq!(body(&sandbox, &driver, wrapped.clone()).await, expected);
    assert!(wrapped.sent_flag().unwrap().is_set(), "the record of the form was set instead");

    let (chunks, error) = collect(&driver, wrapped).await;
    assert!(chunks.last().unwrap().is_final() && error.is_none(), "{error:?}");
    assert!(sandbox.requests().last().unwrap().text().contains("\"stream\":true"));
}

#[tokio::test]
async fn a_changed_request_is_sent_as_it_is() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).build().unwrap();
    let changes: [fn(GenerateRequest) -> GenerateRequest; 22] = [
        |request| request.with_messages(vec![Message::user("Ho")]),
        |request| request.with_message(Message::user("Ho")),
        |request| request.with_model("openai/gpt-oss-20b:fastest"),
        |request| request.with_max_tokens(6),
        |request| request.with_temperature(0.5),
        |request| request.with_top_p(0.5),
        |request| request.with_seed(6),
        |request| request.with_stop(vec!["x".to_owned()]),
        |request| request.with_frequency_penalty(0.5),
        |request| request.with_presence_penalty(0.5),
        |request| request.with_n(1),
        |request| request.with_logprobs(true),
        |request| request.with_logprobs(true).with_top_logprobs(2),
        |request| request.with_logit_bias(BTreeMap::from([(3, 1.5)])),
        |request| request.with_response_format(ResponseFormat::JsonObject),
        |request| request.with_reasoning_effort(ReasoningEffort::Low),
        |request| request.with_user("me"),
        |request| request.with_extra(json!({"top_k": 3}).as_object().unwrap().clone()),
        |request| request.with_generation(GenerationConfig::default().with_seed(9)),
        |request| request.with_tools(vec![tool()]),
        |request| request.with_tools(vec![tool()]).with_tool_choice(ToolChoice::Required),
        |request| request.with_tools(vec![tool()]).with_parallel_tool_calls(false),
    ];
    let original = body(&sandbox, &driver, shared().with_memo(None)).await;
    for (number, change) in changes.iter().enumerate() {
        let request = shared();
        remember(&driver, &request).await;
        let sent = body(&sandbox, &driver, change(request)).await;
        assert_eq!(sent, body(&sandbox, &driver, change(shared().with_memo(None))).await, "change {number}");
        assert_ne!(sent, original, "change {number} has no effect");
    }
}

#[tokio::test]
async fn the_order_of_keys_is_that_of_the_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).build().unwrap();
    let tool = |parameters: &str| {
        let tool = ToolDefinition::new("add", serde_json::from_str(parameters).unwrap()).unwrap();
        vec![tool]
    };
    let request = shared().with_tools(tool(r#"{"type":"object","title":"x"}"#));
    remember(&driver, &request).await;
    let turned = request.clone().with_tools(tool(r#"{"title":"x","type":"object"}"#));
    assert_eq!(request.clone().with_memo(None), turned.clone().with_memo(None));
    assert!(body(&sandbox, &driver, turned).await.contains(r#"{"title":"x","type":"object"}"#));
}

#[tokio::test]
async fn the_form_of_another_driver_is_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let defaults = GenerationConfig::default().with_temperature(0.5);
    let (first, second) =
        (settings(&sandbox).build().unwrap(), settings(&sandbox).generation(defaults).build().unwrap());
    let request = shared();
    remember(&first, &request).await;
    let sent = body(&sandbox, &second, request.clone()).await;
    assert_eq!(sent, body(&sandbox, &second, shared().with_memo(None)).await);
    assert!(sent.contains("\"temperature\":0.5"), "{sent}");
    // The defaults of the driver do not apply, so the request has another body.
    remember(&second, &shared()).await;
    let bare = body(&sandbox, &second, request.with_without_defaults(true)).await;
    assert!(!bare.contains("temperature"), "{bare}");
}

#[tokio::test]
async fn an_invalid_request_leaves_no_form() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).build().unwrap();
    let memo = RequestMemo::default();
    let invalid = GenerateRequest::from("Hi").with_temperature(-1.0).with_memo(memo.clone());
    assert!(driver.canonical_request(&invalid).is_err());
    assert!(driver.generate(invalid).await.is_err());
    let valid = GenerateRequest::from("Hi").with_memo(memo).with_retry_gate(None::<RetryGate>);
    assert!(body(&sandbox, &driver, valid).await.contains("Hi"));
}
