//! Reasoning models and their fields.

use crate::common::{Response, chat, hello_with, streaming, with_dialect};
use botticelli_sandbox::{Dialect, Sandbox};
use serde_json::{Value, json};

const REASONING_FIELDS: [(&str, &str); 2] = [
    ("sandbox/thinks-in-reasoning-content", "reasoning_content"),
    ("sandbox/thinks-in-reasoning", "reasoning"),
];
const TAGS_MODEL: &str = "sandbox/thinks-in-tags";

async fn respond(fields: Value) -> Response {
    chat(&Sandbox::start().await.unwrap(), &hello_with(fields)).await
}

fn reasoning_tokens(response: &Response) -> u64 {
    response.json()["usage"]["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap()
}

#[tokio::test]
async fn reasoning_is_in_a_separate_field() {
    for dialect in Dialect::ALL {
        let sandbox = with_dialect(*dialect).await;
        for (model, field) in REASONING_FIELDS {
            let request = hello_with(json!({ "model": model }));
            let plain = chat(&sandbox, &request).await;
            let reasoning = plain.choice()["message"][field].as_str().unwrap().to_owned();
            assert!(reasoning.starts_with("The user wants an answer"), "{dialect}");
            assert!(plain.content().starts_with("This is the Botticelli sandbox"));
            let stream = chat(&sandbox, &streaming(request)).await;
            let piece = |event: &Value| event["choices"][0]["delta"][field].as_str().map(str::to_owned);
            let pieces: Vec<String> = stream.events().iter().filter_map(piece).collect();
            assert_eq!(pieces.concat(), reasoning, "{dialect}");
            assert_eq!(reasoning_tokens(&plain), u64::try_from(pieces.len()).unwrap());
            assert_eq!(stream.streamed_text(), plain.content());
        }
    }
}

#[tokio::test]
async fn router_deltas_have_null_for_the_inactive_field() {
    let request = hello_with(json!({ "model": REASONING_FIELDS[0].0 }));
    let stream = chat(&with_dialect(Dialect::Router).await, &streaming(request)).await;
    let has = |content: bool, reasoning: bool| {
        stream.events().iter().any(|event| {
            let delta = event["choices"][0]["delta"].as_object().unwrap();
            let is =
                |name: &str, is_text: bool| delta.get(name).is_some_and(|value| value.is_string() == is_text);
            is("content", content) && is("reasoning_content", reasoning)
        })
    };
    assert!(has(true, false) && has(false, true));
    assert!(!has(true, true));
}

#[tokio::test]
async fn think_tags_are_split_across_chunks() {
    for dialect in Dialect::ALL {
        let sandbox = with_dialect(*dialect).await;
        let request = hello_with(json!({ "model": TAGS_MODEL }));
        let plain = chat(&sandbox, &request).await;
        let text = plain.content();
        assert!(text.starts_with("<think>\nThe user wants"), "{text}");
        assert_eq!(text.matches("\n</think>\n\nThis is the Botticelli sandbox").count(), 1, "{text}");
        assert!(reasoning_tokens(&plain) > 10);
        let stream = chat(&sandbox, &streaming(request)).await;
        assert_eq!(stream.streamed_text(), text, "{dialect}");
        let deltas = stream.deltas();
        assert!(!deltas.iter().any(|delta| delta.contains("<think>") || delta.contains("</think>")));
    }
}

#[tokio::test]
async fn reasoning_effort_changes_the_reasoning_length() {
    for model in [REASONING_FIELDS[0].0, REASONING_FIELDS[1].0, TAGS_MODEL] {
        let mut lengths = Vec::new();
        for effort in ["none", "low", "medium", "high"] {
            let response = respond(json!({ "model": model, "reasoning_effort": effort })).await;
            assert_eq!(response.status, 200);
            lengths.push(reasoning_tokens(&response));
        }
        assert!(lengths.is_sorted_by(|one, next| one < next), "{model}: {lengths:?}");
        assert_eq!(lengths[0], 0);
        assert_eq!(reasoning_tokens(&respond(json!({ "model": model })).await), lengths[2]);
    }
}

#[tokio::test]
async fn an_unknown_reasoning_effort_is_rejected() {
    let response = respond(json!({ "model": TAGS_MODEL, "reasoning_effort": "heroic" })).await;
    assert_eq!((response.status, &response.json()["error"]["param"]), (400, &json!("reasoning_effort")));
    let message = response.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("'heroic'") && message.contains("'medium'"), "{message}");
}

#[tokio::test]
async fn reasoning_counts_toward_the_token_limit() {
    let response = respond(json!({ "model": REASONING_FIELDS[0].0, "max_tokens": 5 })).await;
    let choice = response.choice();
    assert_eq!(choice["finish_reason"], "length");
    assert_eq!(choice["message"]["content"], "");
    assert_eq!((reasoning_tokens(&response), &response.json()["usage"]["completion_tokens"]), (5, &json!(5)));
}

#[tokio::test]
async fn a_model_without_reasoning_reports_no_details() {
    let usage = respond(json!({})).await.json()["usage"].clone();
    assert!(usage.get("completion_tokens_details").is_none());
}

#[tokio::test]
async fn only_cerebras_rejects_reasoning_in_the_request() {
    let messages = json!([
        { "role": "user", "content": "Hello" },
        { "role": "assistant", "content": "Hello", "reasoning_content": "Hm." },
        { "role": "user", "content": "And now?" },
    ]);
    for dialect in Dialect::ALL {
        let response =
            chat(&with_dialect(*dialect).await, &hello_with(json!({ "messages": messages }))).await;
        if *dialect != Dialect::Cerebras {
            assert_eq!(response.status, 200, "{dialect}");
            continue;
        }
        let error = response.json()["error"].clone();
        assert_eq!(response.status, 400);
        assert_eq!(error["message"], "property 'messages.1.assistant.reasoning_content' is unsupported");
        assert_eq!(error["code"], "wrong_api_format");
    }
    let fields = json!({ "model": "openai/gpt-oss-120b:cerebras", "messages": messages, "store": false });
    assert_eq!(respond(fields).await.status, 400);
}
