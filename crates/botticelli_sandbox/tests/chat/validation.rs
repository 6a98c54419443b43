//! Chat requests with invalid fields.

use crate::common::{CHAT, Response, chat, exchange, hello_with, post, with_dialect};
use botticelli_sandbox::{Dialect, Sandbox};
use serde_json::{Value, json};

const DESERIALIZE: &str = "Failed to deserialize the JSON body into the target type: ";

/// Sends a valid request with these fields added or replaced.
async fn respond(fields: Value) -> Response {
    chat(&Sandbox::start().await.unwrap(), &hello_with(fields)).await
}

async fn respond_as_tgi(fields: Value) -> Response {
    chat(&with_dialect(Dialect::Tgi3).await, &hello_with(fields)).await
}

#[track_caller]
fn assert_text(response: &Response, says: &str) {
    assert_eq!(response.status, 422, "{}", response.text());
    assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(response.text().starts_with(DESERIALIZE), "{}", response.text());
    assert!(response.text().contains(says), "{}", response.text());
}

#[track_caller]
fn assert_validation(response: &Response, says: &str) {
    assert_eq!(response.status, 422, "{}", response.text());
    let json = response.json();
    assert_eq!(json["error_type"], "validation");
    let text = json["error"].as_str().unwrap();
    assert!(text.starts_with("Input validation error: "), "{text}");
    assert!(text.contains(says), "{text}");
}

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_422_in_plain_text() {
    let sandbox = Sandbox::start().await.unwrap();
    for body in ["", "hello", "{", "[1]", "\"text\"", "{\"model\":1,}"] {
        assert_text(&exchange(&sandbox, post(CHAT, body)).await, " at line 1 column ");
    }
}

#[tokio::test]
async fn messages_are_required() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = chat(&sandbox, &json!({ "model": "openai/gpt-oss-20b" })).await;
    assert_text(&response, "missing field `messages` at line 1 column ");
    assert_validation(&respond(json!({ "messages": [] })).await, "`messages`");
}

#[tokio::test]
async fn an_unknown_role_is_rejected_with_the_known_roles() {
    let response = respond(json!({ "messages": [{ "role": "bot", "content": "Hi" }] })).await;
    assert_text(&response, "unknown variant `bot`, expected one of `system`");
}

#[tokio::test]
async fn content_is_text_parts_or_null() {
    for content in [json!(5), json!({}), json!([1]), json!([{ "type": "video" }])] {
        let response = respond(json!({ "messages": [{ "role": "user", "content": content }] })).await;
        assert_text(&response, "did not match any variant of untagged enum MessageContent");
    }
    for content in [json!("Hi"), json!([{ "type": "text", "text": "Hi" }]), Value::Null] {
        let response = respond(json!({ "messages": [{ "role": "user", "content": content }] })).await;
        assert_eq!(response.status, 200);
    }
}

#[tokio::test]
async fn content_can_be_omitted_only_with_tool_calls() {
    let call = json!({ "id": "0", "type": "function", "function": { "name": "f", "arguments": "{}" } });
    let messages = json!([
        { "role": "user", "content": "Call it" },
        { "role": "assistant", "tool_calls": [call] },
        { "role": "tool", "tool_call_id": "0", "content": "done" },
    ]);
    assert_eq!(respond(json!({ "messages": messages })).await.status, 200);
    let response = respond(json!({ "messages": [{ "role": "user" }] })).await;
    assert_text(&response, "MessageBody");
}

#[tokio::test]
async fn a_tool_message_requires_a_tool_call_id() {
    let response = respond(json!({ "messages": [{ "role": "tool", "content": "done" }] })).await;
    assert_validation(&response, "`tool_call_id`");
}

#[tokio::test]
async fn top_level_nulls_are_rejected() {
    for name in ["stream", "stream_options", "seed", "max_tokens", "tools", "never_heard_of", "model"] {
        assert_text(&respond(json!({ name: null })).await, &format!("{name}: invalid type: null"));
    }
}

#[tokio::test]
async fn unknown_fields_are_accepted() {
    assert_eq!(respond(json!({ "never_heard_of": 1 })).await.status, 200);
}

#[tokio::test]
async fn numbers_of_the_wrong_type_are_rejected() {
    assert_text(&respond(json!({ "seed": -1 })).await, "invalid value: integer `-1`");
    assert_text(&respond(json!({ "max_tokens": -1 })).await, "invalid value: integer `-1`");
    assert_text(&respond(json!({ "max_tokens": 1.5 })).await, "floating point `1.5`");
    assert_text(&respond(json!({ "temperature": "hot" })).await, "invalid type: string");
    assert_eq!(respond(json!({ "seed": u64::MAX })).await.status, 200);
}

#[tokio::test]
async fn numbers_out_of_range_are_rejected() {
    for (name, wrong) in [
        ("top_p", vec![json!(0), json!(-0.5), json!(1.01)]),
        ("temperature", vec![json!(-0.1), json!(2.5)]),
        ("frequency_penalty", vec![json!(-3), json!(3)]),
        ("presence_penalty", vec![json!(-3), json!(3)]),
    ] {
        for value in wrong {
            assert_validation(&respond(json!({ name: value })).await, name);
        }
    }
    for fields in [json!({ "max_tokens": 0 }), json!({ "max_completion_tokens": 0 })] {
        assert_validation(&respond(fields).await, "`max_new_tokens`");
    }
    assert_eq!(respond(json!({ "top_p": 1, "temperature": 0 })).await.status, 200);
}

#[tokio::test]
async fn five_stop_sequences_are_rejected() {
    let response = respond(json!({ "stop": ["a", "b", "c", "d", "e"] })).await;
    assert_validation(&response, "`stop` supports up to 4 stop sequences. Given: 5");
}

#[tokio::test]
async fn stream_options_require_streaming() {
    for stream in [json!({}), json!({ "stream": false })] {
        let mut fields = stream;
        fields["stream_options"] = json!({ "include_usage": true });
        let response = respond(fields).await;
        assert_eq!(response.status, 400);
        assert_eq!(response.json()["error"]["param"], "stream_options");
    }
}

#[tokio::test]
async fn options_that_depend_on_others_are_rejected_alone() {
    let response = respond(json!({ "top_logprobs": 2 })).await;
    assert_eq!((response.status, &response.json()["error"]["param"]), (400, &json!("top_logprobs")));
    let response = respond(json!({ "tool_choice": "required" })).await;
    assert_eq!((response.status, &response.json()["error"]["param"]), (400, &json!("tool_choice")));
}

#[tokio::test]
async fn tools_and_response_formats_are_validated() {
    let tool = json!({ "type": "function", "function": { "name": "f", "parameters": {} } });
    let schema = json!({ "type": "json_schema", "json_schema": { "name": "n", "schema": {} } });
    let right = json!({
        "tools": [tool],
        "tool_choice": { "type": "function", "function": { "name": "f" } },
        "response_format": schema,
    });
    assert_eq!(respond(right).await.status, 200);
    let text = json!({ "response_format": { "type": "text" } });
    assert_eq!(respond(text).await.status, 200);
    for (wrong, says) in [
        (json!({ "tools": [{ "type": "function", "name": "f" }] }), "missing field `function`"),
        (json!({ "tools": [{ "type": "tool", "function": { "name": "f" } }] }), "unknown variant `tool`"),
        (json!({ "tool_choice": "always" }), "untagged enum ToolChoice"),
        (json!({ "response_format": { "type": "xml" } }), "unknown variant `xml`"),
        (
            json!({ "response_format": { "type": "json_schema", "json_schema": { "schema": {} } } }),
            "missing field `name`",
        ),
    ] {
        assert_text(&respond(wrong).await, says);
    }
}

#[tokio::test]
async fn a_prompt_longer_than_the_context_is_rejected() {
    let fields = json!({
        "model": "microsoft/DialoGPT-small",
        "messages": [{ "role": "user", "content": "word ".repeat(1_100) }],
    });
    let response = respond(fields.clone()).await;
    assert_eq!(response.status, 400);
    assert_eq!(response.json()["error"]["code"], "context_length_exceeded");
    let message = response.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("1024 tokens"), "{message}");
    assert_validation(&respond_as_tgi(fields).await, "must have less than 1024 tokens");
}

#[tokio::test]
async fn tgi_counts_max_tokens_toward_the_context() {
    let fields = json!({ "model": "microsoft/DialoGPT-small", "max_tokens": 1_024 });
    assert_validation(
        &respond_as_tgi(fields.clone()).await,
        "`inputs` tokens + `max_new_tokens` must be <= 1024. Given: 6 `inputs` tokens and 1024",
    );
    assert_eq!(respond(fields).await.status, 200);
}

#[tokio::test]
async fn tgi_rejects_values_that_others_accept_as_neutral() {
    assert_validation(&respond_as_tgi(json!({ "top_p": 1 })).await, "> 0.0 and < 1.0");
    assert_text(&respond_as_tgi(json!({ "stop": "a" })).await, "expected a sequence");
    assert_text(
        &respond_as_tgi(json!({ "response_format": { "type": "text" } })).await,
        "unknown variant `text`",
    );
    assert_text(
        &respond_as_tgi(json!({ "messages": [{ "role": "assistant", "content": null }] })).await,
        "MessageBody",
    );
    assert_text(
        &respond_as_tgi(json!({ "tools": [{ "type": "function", "function": { "name": "f" } }] })).await,
        "missing field `parameters`",
    );
    let response = respond_as_tgi(json!({ "tools": [], "response_format": { "type": "json_object" } })).await;
    assert_eq!(response.status, 422);
    assert_eq!(
        response.json(),
        json!({
            "error": "Tool error: Grammar and tools are mutually exclusive",
            "error_type": "tool_error",
        })
    );
}
