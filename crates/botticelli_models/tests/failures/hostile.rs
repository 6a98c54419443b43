//! Hostile servers and wrong usage: no false success, no lost text, no leaked token, no unbounded resource.

use crate::common::{collect, driver, failure, folded, scripted, settings, stream_failure};
use botticelli_core::{GenerateRequest, Message, Price, ToolCall, Usage};
use botticelli_error::{ErrorCategory, PartialResponse};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::{Sandbox, Script};
use std::sync::Arc;
use std::time::Duration;

const HELLO: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

fn events() -> Script {
    Script::stream(200, "text/event-stream")
}

/// Lets time pass until `task` is done.
async fn while_time_passes<T>(clock: &ManualClock, task: tokio::task::JoinHandle<T>) -> T {
    while !task.is_finished() {
        clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    task.await.unwrap()
}

#[tokio::test]
async fn a_complete_response_does_not_wait_for_further_keep_alive_events() {
    for humming in [": still here\n\n", "data: {}\n\n", "data: {\"choices\":[]}\n\n"] {
        let sandbox = scripted(events().piece(HELLO).piece(STOP).repeat(humming)).await;
        let clock = ManualClock::default();
        let driver = settings(&sandbox).clock(Arc::new(clock.clone())).build().unwrap();
        let task = tokio::spawn(async move { collect(&driver, "Hi".into()).await });
        let (chunks, error) = while_time_passes(&clock, task).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(chunks.last().unwrap().response().unwrap().text(), "Hello");
    }
}

#[tokio::test]
async fn a_server_that_sends_only_keep_alive_events_times_out() {
    for humming in
        [": still here\n\n", "data: {}\n\n", "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"]
    {
        for first in ["", HELLO] {
            let sandbox = scripted(events().piece(first).repeat(humming)).await;
            let clock = ManualClock::default();
            let driver = settings(&sandbox).clock(Arc::new(clock.clone())).build().unwrap();
            let task = tokio::spawn(async move { stream_failure(&driver, "Hi".into()).await });
            let error = while_time_passes(&clock, task).await;
            assert_eq!(error.category(), ErrorCategory::Timeout, "{error}");
            assert_eq!(error.partial().is_some(), !first.is_empty());
        }
    }
}

#[tokio::test]
async fn text_in_the_event_of_an_error_is_part_of_the_partial_response() {
    let hello = "{\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}";
    for fault in [
        format!("data: {hello}\ndata: garbage\n\n"),
        format!("data: {hello}\ndata: {{\"error\":\"boom\"}}\n\n"),
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}],\"error\":\"boom\"}\n\n".to_owned(),
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"error\":{\"code\":502,\"message\":\"x\"}}]}\n\n".to_owned(),
        format!("data: {hello}\n"),
    ] {
        let sandbox = scripted(events().piece(fault.as_bytes()).cut()).await;
        let (_, error) = collect(&driver(&sandbox), "Hi".into()).await;
        let error = error.unwrap_or_else(|| panic!("{fault}"));
        assert_eq!(error.partial().map(PartialResponse::text), Some("Hello"), "{fault}: {error}");
    }
}

#[tokio::test]
async fn a_finish_reason_without_its_blank_line_counts() {
    let sandbox = scripted(events().piece(HELLO).piece(STOP.trim_end()).piece("\n").cut()).await;
    assert_eq!(folded(&driver(&sandbox), "Hi".into()).await.text(), "Hello");
}

#[tokio::test]
async fn a_stream_without_choices_is_an_error() {
    for body in [
        "data: [DONE]\n\n",
        "data: {\"errors\":[\"boom\"]}\n\ndata: [DONE]\n\n",
        "data: {\"msg\":\"boom\"}\n\ndata: [DONE]\n\n",
        "data: {\"choices\":{\"message\":{}}}\n\ndata: [DONE]\n\n",
    ] {
        let error = stream_failure(&driver(&scripted(Script::sse(body)).await), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::InvalidResponse, "{body}: {error}");
    }
}

#[tokio::test]
async fn a_response_in_an_unusual_field_is_read() {
    for choice in [
        r#"{"text":"No.","finish_reason":"stop"}"#,
        r#"{"index":1,"message":{"content":"No."},"finish_reason":"stop"}"#,
        r#"{"message":{"content":{"type":"text","text":"No."}},"finish_reason":"stop"}"#,
    ] {
        let body = format!(r#"{{"choices":[{choice}]}}"#);
        let answer = driver(&scripted(Script::json(200, &*body)).await).generate("Hi".into()).await.unwrap();
        assert_eq!(answer.text(), "No.", "{choice}");
        assert!(answer.warnings().is_empty(), "{choice}");
    }
}

#[tokio::test]
async fn a_plain_response_to_a_stream_request_is_read_under_any_content_type() {
    let whole = r#" {"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#;
    for content_type in ["text/plain", "application/x-ndjson", "text/event-stream", ""] {
        let sandbox = scripted(Script::text(200, content_type, whole)).await;
        assert_eq!(folded(&driver(&sandbox), "Hi".into()).await.text(), "Hello", "{content_type}");
        let sandbox = scripted(Script::text(200, content_type, "<html>")).await;
        let error = stream_failure(&driver(&sandbox), "Hi".into()).await;
        assert_eq!(error.category(), ErrorCategory::InvalidResponse, "{content_type}: {error}");
    }
}

#[tokio::test]
async fn an_incomplete_error_response_keeps_its_meaning() {
    let cut_error = r#"{"error":{"message":"The requested model 'org/m' is not a chat model."}"#;
    let refusal = || Script::stream(400, "application/json").piece(cut_error);
    for ending in [refusal().cut(), refusal().silence()] {
        let sandbox = scripted(ending).await;
        let clock = ManualClock::default();
        let driver = settings(&sandbox).clock(Arc::new(clock.clone())).build().unwrap();
        let task = tokio::spawn(async move { failure(&driver, "Hi".into()).await });
        let error = while_time_passes(&clock, task).await;
        assert_eq!(error.status(), Some(400));
        assert!(error.to_string().contains("is not a chat model"), "{error}");
        assert!(clock.passed() < Duration::from_secs(60));
    }
}

#[tokio::test]
async fn many_tool_calls_are_read_and_too_many_are_rejected() {
    let with = |count: usize| {
        let calls = vec![r#"{"id":"b"}"#; count].join(",");
        format!(r#"{{"choices":[{{"message":{{"tool_calls":[{calls}]}},"finish_reason":"stop"}}]}}"#)
    };
    let answer =
        driver(&scripted(Script::json(200, &*with(16_000))).await).generate("Hi".into()).await.unwrap();
    let ids: std::collections::HashSet<_> = answer.tool_calls().map(|call| call.id().to_owned()).collect();
    assert_eq!(ids.len(), 16_000, "every call can be named");
    let error = failure(&driver(&scripted(Script::json(200, &*with(20_000))).await), "Hi".into()).await;
    assert_eq!(error.category(), ErrorCategory::InvalidResponse);
}

#[tokio::test]
async fn a_generated_call_id_never_equals_an_id_of_the_server() {
    let body = r#"{"choices":[{"message":{"tool_calls":[{"id":"call00001","function":{"name":"a"}},
        {"function":{"name":"b"}}]},"finish_reason":"stop"}]}"#;
    let answer = driver(&scripted(Script::json(200, body)).await).generate("Hi".into()).await.unwrap();
    let ids: Vec<_> = answer.tool_calls().map(ToolCall::id).collect();
    assert_eq!(ids, ["call00001", "call00002"]);
}

#[test]
fn a_cost_beyond_the_number_range_is_unknown() {
    let price = Price::from_usd_per_million(18_446_744_073.0, 18_446_744_073.0).unwrap();
    let usage = Usage::new(Some(u64::MAX), Some(u64::MAX), None);
    assert_eq!(price.cost(&usage).nano_dollars(), None);
}

#[test]
fn a_stored_temperature_is_read_back_exactly() {
    for temperature in [0.1 + 0.2, 1.252_180_368_165_859_9, 1e-7, 0.7, f64::MIN_POSITIVE] {
        let request = GenerateRequest::builder()
            .messages(vec![Message::user("Hi")])
            .temperature(temperature)
            .build()
            .unwrap();
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<GenerateRequest>(&stored).unwrap(), request);
    }
}

/// A token that is looked for in everything that can be printed.
const SECRET: &str = "hf_sEcReT0123456789aBcDeF";

#[test]
fn a_token_in_the_wrong_place_is_not_repeated() {
    let builder = || HuggingFaceDriver::builder("org/model").environment(Environment::empty());
    let mut printed = Vec::new();
    for built in [
        builder().api_key_env(SECRET).build(),
        builder().token("hf_x").bill_to(SECRET).build(),
        builder().token("hf_x").bill_to(format!("x{SECRET}\nfoo")).build(),
        HuggingFaceDriver::new("org/model", SECRET),
        HuggingFaceDriver::new("hf_x", format!("{SECRET}:cheapest")),
        builder().base_url(SECRET).build(),
        builder().base_url(format!("https//h/{SECRET}")).build(),
        builder().base_url(format!("ftp://h/{SECRET}")).build(),
        builder().base_url(format!("https://u:p@{SECRET}:99999/")).build(),
        builder().base_url(format!("https://user:{SECRET}@example.org/")).build(),
    ] {
        let error = built.unwrap_err();
        printed.push(format!("{error} {error:?} {error:#?}"));
    }
    for address in
        [format!("https://example.org/v1?token={SECRET}"), format!("https://example.org/{SECRET}/v1")]
    {
        let builder = builder().base_url(address).token(SECRET);
        printed.push(format!("{builder:?}"));
        printed.push(format!("{:?}", builder.build().unwrap()));
    }
    for text in printed {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn a_token_anywhere_in_a_response_is_redacted() {
    let event = format!("data: bad token {SECRET}\n\n");
    for script in [
        Script::text(200, "application/json", format!("bad token {SECRET}")),
        Script::json(200, &*format!("\"{SECRET}\"")),
        Script::sse(event),
        Script::sse(format!("data: \"{SECRET}\"\n\n")),
        Script::json(400, r#"{"error":"no"}"#).header("x-request-id", SECRET),
        Script::text(302, "text/plain", "")
            .header("location", format!("https://u:{SECRET}@example.org/{SECRET}")),
    ] {
        let sandbox = scripted(script).await;
        let driver = settings(&sandbox).token(SECRET).build().unwrap();
        for error in [failure(&driver, "Hi".into()).await, stream_failure(&driver, "Hi".into()).await] {
            let mut text = format!("{error} {error:?} {error:#?}");
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text = format!("{text} {error} {error:?}");
                cause = error.source();
            }
            assert!(!text.contains(SECRET), "{text}");
        }
        assert!(driver.model_info("org/model").await.is_ok());
    }
}

#[tokio::test]
async fn a_token_in_a_label_of_a_response_is_redacted() {
    for token in [SECRET, "Correct-Horse.Battery+Staple/Sesame"] {
        let finished = |key: &str| {
            let choice = serde_json::json!({ key: { "content": "ok" }, "finish_reason": token });
            serde_json::json!({ "id": token, "model": token, "choices": [choice, choice] })
        };
        let event = format!("data: {}\n\ndata: [DONE]\n\n", finished("delta"));
        for script in [Script::json(200, finished("message")), Script::sse(event)] {
            let sandbox =
                scripted(script.header("x-inference-provider", token).header("x-request-id", token)).await;
            let driver = settings(&sandbox).token(token).build().unwrap();
            let plain = driver.generate("Hi".into()).await.unwrap();
            for answer in [plain, folded(&driver, "Hi".into()).await] {
                assert!(!format!("{answer:?}").contains(token), "{answer:?}");
                assert!(!answer.warnings().is_empty(), "an unknown finish reason is a warning");
            }
        }
        let compressed = Script::text(200, "application/json", vec![0x1f, 0x8b, 8, 0]);
        let odd = Script::text(200, token, "not an answer");
        for script in [compressed.header("content-encoding", token), odd] {
            let sandbox = scripted(script).await;
            let driver = settings(&sandbox).token(token).build().unwrap();
            for error in [failure(&driver, "Hi".into()).await, stream_failure(&driver, "Hi".into()).await] {
                let text = format!("{error} {error:?} {error:#?}").to_lowercase();
                assert!(!text.contains(&token.to_lowercase()), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_that_is_an_ordinary_word_is_not_redacted_in_labels() {
    let body = serde_json::json!({
        "id": "meta-1", "model": "meta-llama", "choices": [{"message": {"content": "ok"}, "finish_reason": "odd-word"}]
    });
    for key in ["x", "-", "EMPTY", "none", "llama", "a-word"] {
        let sandbox = scripted(Script::json(200, body.clone())).await;
        let driver = settings(&sandbox).token(key).build().unwrap();
        let answer = driver.generate("Hi".into()).await.unwrap();
        assert_eq!((answer.model(), answer.id()), (Some("meta-llama"), Some("meta-1")), "{key}");
        assert!(
            answer.warnings().iter().any(|warning| warning.contains("odd-word")),
            "{:?}",
            answer.warnings()
        );
        let refused = scripted(Script::json(400, r#"{"error":"no model meta-llama"}"#)).await;
        let error = failure(&settings(&refused).token(key).build().unwrap(), "Hi".into()).await;
        assert!(error.to_string().contains("no model meta-llama"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_driver_outlives_the_runtime_of_its_first_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    let other = driver.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move { other.generate("Hi".into()).await }).unwrap();
    })
    .join()
    .unwrap_or_else(|_| panic!("the first runtime failed"));
    assert!(driver.generate("Hi".into()).await.is_ok());
}
