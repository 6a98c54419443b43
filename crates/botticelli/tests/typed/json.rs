//! Extraction of JSON from a code fence or from the reasoning.

use crate::common::{answer, driver, sandbox_with, text_response};
use botticelli::{BotticelliDriver, GenerateResponse};
use botticelli_sandbox::Script;
use serde_json::{Value, json};

async fn response(script: Script) -> GenerateResponse {
    let sandbox = sandbox_with([script]).await;
    driver(&sandbox).generate("Go".into()).await.unwrap()
}

#[tokio::test]
async fn a_code_fence_on_one_line_is_removed() {
    for text in [
        "```json\n{\"a\":1}\n```",
        "```json {\"a\":1}```",
        "```json{\"a\":1}```",
        "``` {\"a\":1} ```",
        "```{\"a\":1}```",
        "```JSON5 {\"a\":1}\n```",
        "```json\r\n{\"a\":1}\r\n```",
        // The end was the stop text.
        "```json\n{\"a\":1}\n",
    ] {
        assert_eq!(response(text_response(text)).await.json::<Value>().unwrap(), json!({"a": 1}), "{text}");
    }
    for (text, value) in [
        ("```true```", json!(true)),
        ("```\nnull\n```", Value::Null),
        ("```7```", json!(7)),
        ("```json 7```", json!(7)),
    ] {
        assert_eq!(response(text_response(text)).await.json::<Value>().unwrap(), value, "{text}");
    }
    for text in ["```json {\"a\":1```", "```json {\"a\":1} and more```", "```json```", "``````"] {
        assert!(response(text_response(text)).await.json::<Value>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn json_in_the_reasoning_is_read_if_there_is_no_text() {
    let of = |content: Value, reasoning: &str, reason: &str| {
        response(answer(&json!({"content": content, "reasoning_content": reasoning}), reason))
    };
    let json = "{\"a\":1}";
    assert_eq!(of(Value::Null, json, "stop").await.json::<Value>().unwrap(), json!({"a": 1}));
    assert_eq!(of(json!(""), "```json {\"a\":1}```", "stop").await.json::<Value>().unwrap(), json!({"a": 1}));
    assert!(of(Value::Null, json, "length").await.json::<Value>().is_err());
    assert!(of(json!("no"), json, "stop").await.json::<Value>().is_err());
    assert!(of(Value::Null, "Perhaps {\"a\":1}", "stop").await.json::<Value>().is_err());
}
