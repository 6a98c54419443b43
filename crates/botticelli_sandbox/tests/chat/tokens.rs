//! Token counts match the bytes sent.

use crate::common::{chat, hello, hello_with, with_dialect};
use botticelli_sandbox::{Dialect, Sandbox};
use serde_json::{Value, json};

async fn respond(fields: Value) -> (String, String, Value) {
    let sandbox = Sandbox::start().await.unwrap();
    let response = chat(&sandbox, &hello_with(fields)).await;
    assert_eq!(response.status, 200, "{}", response.text());
    let json = response.json();
    let reason = json["choices"][0]["finish_reason"].as_str().unwrap();
    (response.content(), reason.to_owned(), json["usage"].clone())
}

fn user_message(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": text }] })
}

#[tokio::test]
async fn completion_tokens_equal_the_streamed_pieces() {
    let sandbox = Sandbox::start().await.unwrap();
    for fields in [json!({}), json!({ "max_tokens": 9 }), json!({ "stop": ["sandbox"] })] {
        let mut request = hello_with(fields);
        let plain = chat(&sandbox, &request).await.json();
        request["stream"] = Value::Bool(true);
        request["stream_options"] = json!({ "include_usage": true });
        let stream = chat(&sandbox, &request).await;
        assert_eq!(plain["usage"]["completion_tokens"], stream.deltas().len());
        assert_eq!(plain["usage"], stream.events().pop().unwrap()["usage"]);
    }
}

#[tokio::test]
async fn total_tokens_is_the_sum() {
    let (_, _, usage) = respond(json!({})).await;
    let sum = usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap();
    assert_eq!(usage["total_tokens"], sum);
}

#[tokio::test]
async fn prompt_tokens_are_words_plus_a_constant_per_message() {
    let one = respond(user_message("one two three")).await.2;
    assert_eq!(one["prompt_tokens"], 3 + 4);
    let messages = json!({ "messages": [
        { "role": "system", "content": "be brief" },
        { "role": "user", "content": "one two three" },
    ] });
    let two = respond(messages).await.2;
    assert_eq!(two["prompt_tokens"], (2 + 4) + (3 + 4));
}

#[tokio::test]
async fn long_words_are_split_between_characters() {
    // Nine letters of two bytes each are split into eight and one.
    let usage = respond(user_message("ééééééééé")).await.2;
    assert_eq!(usage["prompt_tokens"], 2 + 4);
}

#[tokio::test]
async fn reaching_the_token_limit_finishes_with_length() {
    let (text, reason, usage) = respond(json!({ "max_tokens": 3 })).await;
    assert_eq!(text, "This is the");
    assert_eq!(reason, "length");
    assert_eq!(usage["completion_tokens"], 3);
}

#[tokio::test]
async fn max_completion_tokens_is_also_accepted() {
    let (text, _, _) = respond(json!({ "max_completion_tokens": 2 })).await;
    assert_eq!(text, "This is");
}

#[tokio::test]
async fn a_limit_equal_to_the_length_does_not_cut() {
    let (text, _, usage) = respond(json!({})).await;
    let enough = json!({ "max_tokens": usage["completion_tokens"] });
    let (same, reason, _) = respond(enough).await;
    assert_eq!(same, text);
    assert_eq!(reason, "stop");
}

#[tokio::test]
async fn the_text_ends_before_the_stop_sequence() {
    let (text, reason, usage) = respond(json!({ "stop": [" sandbox"] })).await;
    assert_eq!(text, "This is the Botticelli");
    assert_eq!(reason, "stop");
    assert_eq!(usage["completion_tokens"], 5);
}

#[tokio::test]
async fn a_stop_sequence_may_span_several_pieces() {
    let request = hello_with(json!({ "stream": true, "stop": ["celli sandbox, no"] }));
    let response = chat(&Sandbox::start().await.unwrap(), &request).await;
    assert_eq!(response.deltas(), ["This", " is", " the", " Botti"]);
    assert_eq!(response.finish().0, "stop");
}

#[tokio::test]
async fn a_single_string_is_a_stop_sequence() {
    let (text, _, _) = respond(json!({ "stop": " the" })).await;
    assert_eq!(text, "This is");
}

#[tokio::test]
async fn the_earliest_stop_sequence_applies() {
    let (text, _, _) = respond(json!({ "stop": ["sandbox", " is", "absent", ""] })).await;
    assert_eq!(text, "This");
}

#[tokio::test]
async fn a_stop_sequence_beyond_the_limit_is_ignored() {
    let fields = json!({ "max_tokens": 3, "stop": ["the Botticelli"] });
    let (text, reason, _) = respond(fields).await;
    assert_eq!((text.as_str(), reason.as_str()), ("This is the", "length"));
}

#[tokio::test]
async fn a_response_can_be_empty() {
    let (text, reason, usage) = respond(json!({ "stop": ["This"] })).await;
    assert_eq!((text.as_str(), reason.as_str()), ("", "stop"));
    assert_eq!(usage["completion_tokens"], 0);
}

#[tokio::test]
async fn the_response_repeats_the_last_user_message() {
    let messages = json!({ "messages": [
        { "role": "user", "content": "first" },
        { "role": "assistant", "content": "answer" },
        { "role": "user", "content": [{ "type": "text", "text": "sec" }, { "type": "text", "text": "ond ☂" }] },
    ] });
    let (text, _, _) = respond(messages).await;
    assert!(text.contains("You said “second ☂”."), "{text}");
}

#[tokio::test]
async fn a_long_message_is_repeated_partially() {
    let (text, _, _) = respond(user_message(&"word ".repeat(100))).await;
    assert!(text.contains("word word…”."), "{text}");
    assert!(text.len() < 300);
}

#[tokio::test]
async fn the_vision_model_reports_the_number_of_images() {
    let messages = json!([{ "role": "user", "content": [
        { "type": "text", "text": "What is it?" },
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } },
    ] }]);
    let seeing = json!({ "model": "Qwen/Qwen2.5-VL-7B-Instruct", "messages": messages.clone() });
    assert!(respond(seeing).await.0.contains("Images received: 1."));
    let sandbox = Sandbox::start().await.unwrap();
    let blind = chat(&sandbox, &hello_with(json!({ "messages": messages }))).await;
    assert_eq!(blind.status, 400, "{}", blind.text());
}

#[tokio::test]
async fn every_dialect_counts_the_same_tokens() {
    let mut counts = Vec::new();
    for dialect in Dialect::ALL {
        counts.push(chat(&with_dialect(*dialect).await, &hello()).await.json()["usage"].clone());
    }
    counts.dedup();
    assert_eq!(counts.len(), 1);
}
