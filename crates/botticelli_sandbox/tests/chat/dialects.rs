//! All dialects, plain and streamed, including field order.

use crate::common::{chat, hello, hello_with, with_dialect};
use botticelli_sandbox::Dialect;
use serde_json::{Value, json};

const TEXT: &str = "This is the Botticelli sandbox, not a model: it only repeats what you say. \
                    You said “Hello, sandbox!”. \
                    Voilà, every call is answered like this 🎨, at no cost.";

/// Returns the field names of the outermost object in wire order.
fn shape(text: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = Vec::new();
    let mut word = String::new();
    let mut in_string = false;
    let mut last_string = String::new();
    for character in text.chars() {
        match character {
            '"' if in_string => {
                in_string = false;
                last_string = std::mem::take(&mut word);
            }
            '"' => in_string = true,
            _ if in_string => word.push(character),
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ':' if depth == 1 => names.push(last_string.clone()),
            _ => {}
        }
    }
    names
}

fn streamed(mut fields: Value) -> Value {
    if let Value::Object(fields) = &mut fields {
        fields.insert("stream".to_owned(), Value::Bool(true));
    }
    hello_with(fields)
}

#[tokio::test]
async fn the_router_responds_in_the_openai_format() {
    let response = chat(&with_dialect(Dialect::Router).await, &hello()).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("x-inference-provider"), Some("groq"));
    assert!(response.header("x-request-id").is_some());
    assert_eq!(
        shape(response.text()),
        ["id", "object", "created", "model", "choices", "usage", "system_fingerprint"]
    );
    let json = response.json();
    assert_eq!(json["object"], "chat.completion");
    assert_eq!(json["model"], "openai/gpt-oss-20b");
    assert_eq!(
        json["choices"],
        json!([{
            "index": 0,
            "message": { "role": "assistant", "content": TEXT },
            "logprobs": null,
            "finish_reason": "stop",
        }])
    );
}

#[tokio::test]
async fn the_router_streams_role_text_finish_reason_and_done() {
    let response = chat(&with_dialect(Dialect::Router).await, &streamed(json!({}))).await;
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    assert_eq!(response.header("x-inference-provider"), Some("groq"));
    assert!(response.is_complete);
    assert!(response.text().ends_with("\n\ndata: [DONE]\n\n"));
    let events = response.events();
    assert_eq!(events[0]["choices"][0]["delta"], json!({ "role": "assistant", "content": "" }));
    let last = events.last().unwrap();
    assert_eq!(last["choices"][0]["delta"], json!({}));
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert!(events.iter().all(|event| event.get("usage").is_none()));
    assert_eq!(response.streamed_text(), TEXT);
}

#[tokio::test]
async fn the_router_sends_usage_after_the_finish_reason_on_request() {
    let request = streamed(json!({ "stream_options": { "include_usage": true } }));
    let response = chat(&with_dialect(Dialect::Router).await, &request).await;
    let mut events = response.events();
    let last = events.pop().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert!(last["usage"]["completion_tokens"].is_u64());
    assert!(events.iter().all(|event| event["usage"].is_null()));
    assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn every_event_is_a_separate_chunk() {
    for dialect in Dialect::ALL {
        let response = chat(&with_dialect(*dialect).await, &streamed(json!({}))).await;
        let pieces = response.chunks.len();
        assert!((20..=40).contains(&pieces), "{dialect}: {pieces}");
        for chunk in &response.chunks {
            assert_eq!(chunk.matches("data:").count(), 1, "{dialect}");
        }
    }
}

#[tokio::test]
async fn tgi_2_responds_to_chat_as_text_completion() {
    let response = chat(&with_dialect(Dialect::Tgi2).await, &hello()).await;
    assert_eq!(
        shape(response.text()),
        ["id", "object", "created", "model", "system_fingerprint", "choices", "usage"]
    );
    assert!(response.text().starts_with(r#"{"id":"","object":"text_completion","#));
    assert_eq!(response.json()["choices"][0]["finish_reason"], "eos_token");
    assert_eq!(response.content(), TEXT);
    assert_eq!(response.header("x-inference-provider"), None);
}

#[tokio::test]
async fn tgi_2_streams_without_space_done_or_usage_and_leaks_its_end_token() {
    let request = streamed(json!({ "stream_options": { "include_usage": true } }));
    let response = chat(&with_dialect(Dialect::Tgi2).await, &request).await;
    assert!(response.chunks.iter().all(|chunk| chunk.starts_with("data:{")));
    assert!(!response.text().contains("[DONE]"));
    assert!(!response.text().contains("usage"));
    let (reason, last) = response.finish();
    assert_eq!(reason, "eos_token");
    assert_eq!(last["choices"][0]["delta"]["content"], "</s>");
    assert_eq!(last["object"], "text_completion");
    assert_eq!(response.streamed_text(), TEXT);
}

#[tokio::test]
async fn tgi_2_puts_the_finish_reason_on_the_last_token_at_the_limit() {
    let response = chat(&with_dialect(Dialect::Tgi2).await, &streamed(json!({ "max_tokens": 2 }))).await;
    let (reason, last) = response.finish();
    assert_eq!(reason, "length");
    assert_eq!(last["choices"][0]["delta"]["content"], " is");
    assert_eq!(response.chunks.len(), 2);
}

#[tokio::test]
async fn tgi_3_responds_without_an_id() {
    let response = chat(&with_dialect(Dialect::Tgi3).await, &hello()).await;
    assert!(response.text().starts_with(r#"{"object":"chat.completion","id":"","#));
    assert_eq!(response.json()["choices"][0]["finish_reason"], "stop");
    assert_eq!(response.content(), TEXT);
}

#[tokio::test]
async fn tgi_3_streams_null_usage_and_done() {
    let response = chat(&with_dialect(Dialect::Tgi3).await, &streamed(json!({}))).await;
    assert!(response.text().ends_with("\n\ndata: [DONE]\n\n"));
    let events = response.events();
    for event in &events {
        assert_eq!(event.get("usage"), Some(&Value::Null));
        assert_eq!(event["choices"][0]["delta"]["role"], "assistant");
        assert_eq!(event["id"], "");
    }
    let last = &events.last().unwrap()["choices"][0];
    assert_eq!(last["finish_reason"], "stop");
    assert_eq!(last["delta"]["content"], "");
    assert_eq!(response.streamed_text(), TEXT);
}

#[tokio::test]
async fn tgi_3_sends_usage_with_empty_choices_on_request() {
    let request = streamed(json!({ "stream_options": { "include_usage": true } }));
    let response = chat(&with_dialect(Dialect::Tgi3).await, &request).await;
    let last = response.events().pop().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert!(last["usage"]["total_tokens"].is_u64());
}

#[tokio::test]
async fn together_responds_with_a_seed_beyond_i64() {
    let response = chat(&with_dialect(Dialect::Together).await, &hello()).await;
    assert_eq!(response.header("retry-after"), Some("2"));
    assert_eq!(response.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(shape(response.text()), ["id", "object", "created", "model", "prompt", "choices", "usage"]);
    let json = response.json();
    let choice = &json["choices"][0];
    assert!(choice["seed"].is_u64() && choice["seed"].as_i64().is_none());
    assert_eq!(choice["finish_reason"], "eos");
    assert_eq!(choice["message"]["tool_calls"], json!([]));
    assert_eq!(json["prompt"], json!([]));
    assert_eq!(response.content(), TEXT);
}

#[tokio::test]
async fn together_streams_text_next_to_the_delta_and_usage_with_the_finish_reason() {
    let response = chat(&with_dialect(Dialect::Together).await, &streamed(json!({}))).await;
    assert_eq!(response.header("content-type"), Some("text/event-stream;charset=utf-8"));
    assert_eq!(response.header("retry-after"), Some("2"));
    assert!(response.text().ends_with("\n\ndata: [DONE]\n\n"));
    let first = &response.events()[0];
    let choice = &first["choices"][0];
    assert_eq!(choice["text"], choice["delta"]["content"]);
    assert!(choice["delta"]["token_id"].is_u64());
    assert_eq!(choice["delta"]["tool_calls"], Value::Null);
    assert_eq!(first["usage"], Value::Null);
    let (reason, last) = response.finish();
    assert_eq!(reason, "eos");
    assert!(last["choices"][0]["seed"].as_i64().is_none());
    assert!(last["usage"]["total_tokens"].is_u64());
    assert_eq!(response.streamed_text(), TEXT);
}

#[tokio::test]
async fn cerebras_responds_without_logprobs_and_with_time_info() {
    let response = chat(&with_dialect(Dialect::Cerebras).await, &hello()).await;
    assert_eq!(
        shape(response.text()),
        ["id", "choices", "created", "model", "system_fingerprint", "object", "usage", "time_info"]
    );
    assert!(!response.text().contains("logprobs"));
    assert!(response.json()["time_info"]["total_time"].is_f64());
    assert_eq!(response.content(), TEXT);
}

#[tokio::test]
async fn cerebras_leaves_the_last_event_unterminated() {
    let response = chat(&with_dialect(Dialect::Cerebras).await, &streamed(json!({}))).await;
    assert!(response.is_complete);
    assert!(response.text().ends_with('}'));
    assert!(!response.text().contains("[DONE]"));
    let events = response.events();
    assert_eq!(events[0]["choices"], json!([{ "delta": { "role": "assistant" }, "index": 0 }]));
    let (last, before) = events.split_last().unwrap();
    for event in before {
        assert!(event["choices"][0].get("finish_reason").is_none());
        assert!(event.get("usage").is_none());
    }
    assert_eq!(last["choices"][0]["delta"], json!({}));
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert!(last["usage"]["total_tokens"].is_u64());
    assert!(last["time_info"]["queue_time"].is_f64());
    assert_eq!(response.streamed_text(), TEXT);
}

#[tokio::test]
async fn the_stream_has_the_same_text_as_the_plain_response() {
    for dialect in Dialect::ALL {
        for fields in [
            json!({}),
            json!({ "max_tokens": 7 }),
            json!({ "stop": [" repeats"] }),
            json!({ "stop": ["This"] }),
        ] {
            let sandbox = with_dialect(*dialect).await;
            let plain = chat(&sandbox, &hello_with(fields.clone())).await;
            let stream = chat(&sandbox, &streamed(fields.clone())).await;
            assert_eq!(plain.content(), stream.streamed_text(), "{dialect} {fields}");
            assert_eq!(plain.json()["choices"][0]["finish_reason"], stream.finish().0, "{dialect} {fields}");
        }
    }
}

#[tokio::test]
async fn each_dialect_has_its_own_finish_reason_for_a_stop_sequence() {
    for (dialect, word) in [
        (Dialect::Router, "stop"),
        (Dialect::Tgi2, "stop_sequence"),
        (Dialect::Tgi3, "stop"),
        (Dialect::Together, "stop"),
        (Dialect::Cerebras, "stop"),
    ] {
        let request = hello_with(json!({ "stop": ["model"] }));
        let response = chat(&with_dialect(dialect).await, &request).await;
        assert_eq!(response.json()["choices"][0]["finish_reason"], word);
    }
}

#[tokio::test]
async fn tgi_serves_its_model_under_the_name_tgi() {
    let request = hello_with(json!({ "model": "tgi" }));
    let response = chat(&with_dialect(Dialect::Tgi3).await, &request).await;
    assert_eq!(response.json()["model"], "meta-llama/Llama-3.1-8B-Instruct");
    let response = chat(&with_dialect(Dialect::Router).await, &request).await;
    assert_eq!(response.status, 400);
}

#[test]
fn every_dialect_parses_from_its_name() {
    for dialect in Dialect::ALL {
        assert_eq!(dialect.name().parse(), Ok(*dialect));
        assert_eq!(dialect.to_string(), dialect.name());
    }
}

#[test]
fn an_unknown_dialect_error_lists_the_known_ones() {
    let error = "tgi4".parse::<Dialect>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown dialect `tgi4`: choose one of router, tgi2, tgi3, together, cerebras"
    );
}

#[tokio::test]
async fn no_seed_of_together_fits_into_an_i64() {
    let sandbox = with_dialect(Dialect::Together).await;
    for max_tokens in 1..20 {
        let response = chat(&sandbox, &hello_with(json!({ "max_tokens": max_tokens }))).await;
        let seed = response.json()["choices"][0]["seed"].clone();
        assert!(seed.is_u64() && !seed.is_i64(), "{seed}");
    }
}
