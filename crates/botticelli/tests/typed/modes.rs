//! A failed generation is repeated once in the same mode, then in the next mode.

use crate::common::{Event, MODEL, called, dinner, dinner_json, refusing, sandbox_with, text_response};
use botticelli::{
    DriverExt, Environment, ErrorCategory, HuggingFaceDriver, RetryConfig, StreamExt, TypedMode,
    TypedResponse,
};
use botticelli_sandbox::{Sandbox, Script};
use serde_json::json;
use std::time::Duration;

/// The error response of a service whose model failed during generation.
fn failing() -> Script {
    Script::json(424, json!({"error": "the generation failed", "error_type": "generation"}))
}

fn driver(sandbox: &Sandbox, max_retries: u32) -> HuggingFaceDriver {
    let retry = RetryConfig::never().with_max_retries(max_retries).with_base_delay(Duration::from_millis(1));
    HuggingFaceDriver::builder(MODEL)
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .environment(Environment::empty())
        .retry(retry)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_failed_generation_is_repeated_once_in_the_same_mode() {
    for retries in [0, 3] {
        let sandbox = sandbox_with([failing(), text_response(&dinner_json())]).await;
        let event: TypedResponse<Event> =
            driver(&sandbox, retries).generate_as("Dinner".into()).await.unwrap();
        assert_eq!((event.mode(), event.fallbacks().len()), (TypedMode::JsonSchema, 0));
        assert_eq!(sandbox.requests().len(), 2);
        // What the driver tries again is one call.
        assert_eq!(event.calls(), if retries == 0 { 2 } else { 1 });
    }
}

#[tokio::test]
async fn a_second_failed_generation_selects_the_next_mode() {
    for retries in [0, 3] {
        let sandbox = sandbox_with([failing(), failing(), called("Event", &dinner_json())]).await;
        let event: TypedResponse<Event> =
            driver(&sandbox, retries).generate_as("Dinner".into()).await.unwrap();
        assert_eq!((event.mode(), event.fallbacks().len()), (TypedMode::ToolCall, 1));
        assert_eq!(*event, dinner());
        assert_eq!(sandbox.requests().len(), 3, "twice in the first mode, and once in the next");
        assert_eq!(event.fallbacks()[0].error.category(), ErrorCategory::Generation);
    }
}

#[tokio::test]
async fn if_all_modes_fail_the_error_is_the_last_failure() {
    let sandbox = sandbox_with([failing()]).await;
    let error = driver(&sandbox, 0).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Generation);
    assert_eq!(sandbox.requests().len(), 8);
}

#[tokio::test]
async fn a_failed_repair_is_repeated_once_and_keeps_the_earlier_response() {
    let sandbox = sandbox_with([text_response("almost"), failing(), text_response(&dinner_json())]).await;
    let event: TypedResponse<Event> = driver(&sandbox, 0).generate_as("Dinner".into()).await.unwrap();
    assert_eq!((event.mode(), event.calls(), event.repairs().len()), (TypedMode::JsonSchema, 3, 1));

    let sandbox = sandbox_with([text_response("almost"), failing()]).await;
    let error = driver(&sandbox, 0).generate_as::<Event>("Dinner".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Generation);
    assert_eq!((error.partial().unwrap().text(), sandbox.requests().len()), ("almost", 3));
}

#[tokio::test]
async fn a_stream_repeats_a_failed_generation_too() {
    let streamed = || {
        let choice = json!({"index": 0, "delta": {"content": dinner_json()}, "finish_reason": "stop"});
        Script::sse(format!("data: {}\n\ndata: [DONE]\n\n", json!({"choices": [choice]})))
    };
    for (before, mode) in [(1, TypedMode::JsonSchema), (2, TypedMode::ToolCall)] {
        let scripts = (0..before).map(|_| failing()).chain([streamed()]);
        let sandbox = sandbox_with(scripts).await;
        let mut stream = driver(&sandbox, 0).stream_as::<Event>("Dinner".into()).await.unwrap();
        let mut last = None;
        while let Some(value) = stream.next().await {
            last = value.unwrap().into_complete();
        }
        assert_eq!(last.unwrap().mode(), mode);
    }
}

#[tokio::test]
async fn an_unsupported_grammar_selects_the_next_mode() {
    let grammar =
        json!({"error": {"message": "Grammar error: Unimplemented keys: [\"additionalProperties\"]"}});
    for refusal in [Script::json(400, grammar), refusing()] {
        let sandbox = sandbox_with([refusal, called("Event", &dinner_json())]).await;
        let event: TypedResponse<Event> = driver(&sandbox, 3).generate_as("Dinner".into()).await.unwrap();
        assert_eq!((event.mode(), event.fallbacks().len(), event.calls()), (TypedMode::ToolCall, 1, 2));
    }
}

#[tokio::test]
async fn an_estimate_contains_the_schema_in_the_mode_that_costs_the_most() {
    use botticelli::{
        BotticelliDriver, GenerateRequest, HuggingFaceDriver, OutputSchema, Price, TypedOptions,
    };
    use botticelli_interface::TypedSchema;
    let price = Price::from_usd_per_million(100.0, 200.0).unwrap();
    let driver = HuggingFaceDriver::builder(MODEL).base_url("http://127.0.0.1:9/v1").price(price);
    let driver = driver.build().unwrap();
    let request = GenerateRequest::from("Describe it").with_max_tokens(10);
    let plain = driver.estimate(&request).await.unwrap().nano_dollars().unwrap();
    // A field of 1,000 bytes costs at least as many tokens, at 100 dollars per million.
    let text = "d".repeat(1_000);
    let schema = serde_json::json!({
        "type": "object", "properties": { "a": { "type": "string", "description": text } }, "required": ["a"],
    });
    let schema = OutputSchema::new("big", schema).unwrap();
    let mut bounds = Vec::new();
    for mode in TypedOptions::default().modes() {
        let options = TypedOptions::default().with_modes([*mode]);
        let typed = TypedSchema::of_schema(&schema, options).unwrap();
        let bound = typed.estimate(&driver, &request).await.unwrap().nano_dollars().unwrap();
        assert!(bound >= plain + 1_000 * 100_000, "{mode:?}: {bound} after {plain}");
        bounds.push(bound);
    }
    let typed = TypedSchema::of_schema(&schema, TypedOptions::default()).unwrap();
    for _ in 0..2 {
        let bound = typed.estimate(&driver, &request).await.unwrap().nano_dollars();
        assert_eq!(bound, bounds.iter().max().copied());
    }
}
