//! Models that think first, and where their thoughts stand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed helper is a failed test")]

mod common;

use botticelli_sandbox::{Dialect, Sandbox};
use common::{Answer, chat, hello_with, speaking, streaming};
use serde_json::{Value, json};

const HOMES: [(&str, &str); 2] = [
    ("sandbox/thinks-in-reasoning-content", "reasoning_content"),
    ("sandbox/thinks-in-reasoning", "reasoning"),
];
const TAGS: &str = "sandbox/thinks-in-tags";

async fn asked(fields: Value) -> Answer {
    chat(&Sandbox::start().await.unwrap(), &hello_with(fields)).await
}

fn reasoning_tokens(answer: &Answer) -> u64 {
    answer.json()["usage"]["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap()
}

#[tokio::test]
async fn thoughts_stand_in_a_field_beside_the_text() {
    for dialect in Dialect::ALL {
        let sandbox = speaking(*dialect).await;
        for (model, field) in HOMES {
            let request = hello_with(json!({ "model": model }));
            let plain = chat(&sandbox, &request).await;
            let thoughts = plain.choice()["message"][field].as_str().unwrap().to_owned();
            assert!(thoughts.starts_with("The user wants an answer"), "{dialect}");
            assert!(plain.content().starts_with("This is the Botticelli sandbox"));
            let stream = chat(&sandbox, &streaming(request)).await;
            let piece = |event: &Value| event["choices"][0]["delta"][field].as_str().map(str::to_owned);
            let pieces: Vec<String> = stream.events().iter().filter_map(piece).collect();
            assert_eq!(pieces.concat(), thoughts, "{dialect}");
            assert_eq!(reasoning_tokens(&plain), u64::try_from(pieces.len()).unwrap());
            assert_eq!(stream.streamed_text(), plain.content());
        }
    }
}

#[tokio::test]
async fn the_router_says_null_for_what_does_not_flow() {
    let request = hello_with(json!({ "model": HOMES[0].0 }));
    let stream = chat(&speaking(Dialect::Router).await, &streaming(request)).await;
    let has = |content: bool, thought: bool| {
        stream.events().iter().any(|event| {
            let delta = event["choices"][0]["delta"].as_object().unwrap();
            let is =
                |name: &str, is_text: bool| delta.get(name).is_some_and(|value| value.is_string() == is_text);
            is("content", content) && is("reasoning_content", thought)
        })
    };
    assert!(has(true, false) && has(false, true));
    assert!(!has(true, true));
}

#[tokio::test]
async fn tags_are_cut_over_the_borders_of_chunks() {
    for dialect in Dialect::ALL {
        let sandbox = speaking(*dialect).await;
        let request = hello_with(json!({ "model": TAGS }));
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
async fn effort_changes_how_much_is_thought() {
    for model in [HOMES[0].0, HOMES[1].0, TAGS] {
        let mut lengths = Vec::new();
        for effort in ["none", "low", "medium", "high"] {
            let answer = asked(json!({ "model": model, "reasoning_effort": effort })).await;
            assert_eq!(answer.status, 200);
            lengths.push(reasoning_tokens(&answer));
        }
        assert!(lengths.is_sorted_by(|one, next| one < next), "{model}: {lengths:?}");
        assert_eq!(lengths[0], 0);
        assert_eq!(reasoning_tokens(&asked(json!({ "model": model })).await), lengths[2]);
    }
}

#[tokio::test]
async fn an_unknown_effort_is_refused() {
    let answer = asked(json!({ "model": TAGS, "reasoning_effort": "heroic" })).await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("reasoning_effort")));
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("'heroic'") && message.contains("'medium'"), "{message}");
}

#[tokio::test]
async fn thoughts_take_from_the_limit_of_tokens() {
    let answer = asked(json!({ "model": HOMES[0].0, "max_tokens": 5 })).await;
    let choice = answer.choice();
    assert_eq!(choice["finish_reason"], "length");
    assert_eq!(choice["message"]["content"], "");
    assert_eq!((reasoning_tokens(&answer), &answer.json()["usage"]["completion_tokens"]), (5, &json!(5)));
}

#[tokio::test]
async fn a_model_that_does_not_think_tells_no_details() {
    let usage = asked(json!({})).await.json()["usage"].clone();
    assert!(usage.get("completion_tokens_details").is_none());
}

#[tokio::test]
async fn only_cerebras_refuses_thoughts_that_come_back() {
    let messages = json!([
        { "role": "user", "content": "Hello" },
        { "role": "assistant", "content": "Hello", "reasoning_content": "Hm." },
        { "role": "user", "content": "And now?" },
    ]);
    for dialect in Dialect::ALL {
        let answer = chat(&speaking(*dialect).await, &hello_with(json!({ "messages": messages }))).await;
        if *dialect != Dialect::Cerebras {
            assert_eq!(answer.status, 200, "{dialect}");
            continue;
        }
        let error = answer.json()["error"].clone();
        assert_eq!(answer.status, 400);
        assert_eq!(error["message"], "property 'messages.1.assistant.reasoning_content' is unsupported");
        assert_eq!(error["code"], "wrong_api_format");
    }
    let fields = json!({ "model": "openai/gpt-oss-120b:cerebras", "messages": messages, "store": false });
    assert_eq!(asked(fields).await.status, 400);
}
