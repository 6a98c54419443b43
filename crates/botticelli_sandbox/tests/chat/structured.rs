//! Structured output: formats and schemas.

use crate::common::{Response, chat, hello_with, streaming, user_message, with_dialect};
use botticelli_sandbox::Dialect;
use serde_json::{Value, json};

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "age": { "type": "integer", "minimum": 18 },
            "likes": { "type": "array", "items": { "$ref": "#/$defs/Like" }, "minItems": 2 },
        },
        "required": ["age", "likes", "name"],
        "additionalProperties": false,
        "$defs": { "Like": { "enum": ["art", "music"] } },
    })
}

fn openai(schema: &Value) -> Value {
    json!({ "type": "json_schema", "json_schema": { "name": "person", "schema": schema } })
}

fn strict(schema: &Value) -> Value {
    let json_schema = json!({ "name": "person", "schema": schema, "strict": true });
    json!({ "type": "json_schema", "json_schema": json_schema })
}

fn request_for(format: &Value, model: &str) -> Value {
    let messages = user_message("Describe the painter with name=Sandro in JSON");
    hello_with(json!({ "model": model, "messages": messages, "response_format": format }))
}

async fn respond(dialect: Dialect, format: &Value) -> Response {
    chat(&with_dialect(dialect).await, &request_for(format, crate::common::MODEL)).await
}

fn painter() -> Value {
    json!({ "name": "Sandro", "age": 18, "likes": ["art", "art"] })
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_response_matches_the_schema_plain_and_streamed() {
    for dialect in [Dialect::Router, Dialect::Together, Dialect::Cerebras] {
        let sandbox = with_dialect(dialect).await;
        for format in [openai(&schema()), strict(&schema())] {
            let request = request_for(&format, crate::common::MODEL);
            assert_eq!(read(&chat(&sandbox, &request).await.content()), painter(), "{dialect}");
            let stream = chat(&sandbox, &streaming(request)).await;
            assert!(stream.deltas().len() > 5);
            assert_eq!(read(&stream.streamed_text()), painter(), "{dialect}");
        }
    }
}

#[tokio::test]
async fn tgi_accepts_only_its_own_response_formats() {
    for dialect in [Dialect::Tgi2, Dialect::Tgi3] {
        for format in [
            json!({ "type": "json_object", "value": schema() }),
            json!({ "type": "json", "value": schema() }),
            json!({ "type": "json_schema", "value": { "name": "person", "schema": schema() } }),
        ] {
            let response = respond(dialect, &format).await;
            assert_eq!(read(&response.content()), painter());
        }
        for format in [openai(&schema()), json!({ "type": "json_object" })] {
            let response = respond(dialect, &format).await;
            assert_eq!(response.status, 422);
            assert!(
                response.text().contains("response_format: missing field `value`"),
                "{}",
                response.text()
            );
        }
    }
}

#[tokio::test]
async fn together_also_accepts_its_own_response_format() {
    let format = json!({ "type": "json_schema", "schema": schema() });
    assert_eq!(read(&respond(Dialect::Together, &format).await.content()), painter());
    assert_eq!(respond(Dialect::Router, &format).await.status, 400);
}

#[tokio::test]
async fn json_object_requires_the_word_json_in_the_messages() {
    let format = json!({ "type": "json_object" });
    let response = respond(Dialect::Router, &format).await;
    assert_eq!(read(&response.content())["from"], "sandbox");
    let without_the_word = hello_with(json!({ "response_format": format }));
    let response = chat(&with_dialect(Dialect::Router).await, &without_the_word).await;
    assert_eq!(response.status, 400);
    let message = response.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("must contain the word 'json'"), "{message}");
    assert_eq!(chat(&with_dialect(Dialect::Cerebras).await, &without_the_word).await.status, 200);
}

#[tokio::test]
async fn strict_rejects_schemas_that_are_not_strict() {
    let mut open = schema();
    open.as_object_mut().unwrap().remove("additionalProperties");
    let mut optional = schema();
    optional["required"] = json!(["age", "likes"]);
    let mut inner = schema();
    inner["properties"]["name"] = json!({ "type": "object", "properties": {} });
    for (schema, says) in [
        (open, "In context=(), 'additionalProperties' is required to be supplied and to be false."),
        (
            optional,
            "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'name'.",
        ),
        (inner, "In context=('properties', 'name'), 'additionalProperties' is required"),
    ] {
        let response = respond(Dialect::Router, &strict(&schema)).await;
        assert_eq!(response.status, 400, "{says}");
        let message = response.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("Invalid schema for response_format 'person': "), "{message}");
        assert!(message.contains(says), "{message}");
        assert_eq!(respond(Dialect::Router, &openai(&schema)).await.status, 200);
    }
}

#[tokio::test]
async fn a_provider_without_structured_output_returns_prose() {
    let request = request_for(&openai(&schema()), "Qwen/Qwen3-32B:groq");
    let response = chat(&with_dialect(Dialect::Router).await, &request).await;
    assert!(response.content().starts_with("This is the Botticelli sandbox"));
}

/// Returns the first value of a model, and its value after a correction.
async fn first_and_corrected(model: &str) -> (Value, Value) {
    let sandbox = with_dialect(Dialect::Router).await;
    let mut request = request_for(&openai(&schema()), model);
    let first = chat(&sandbox, &request).await.content();
    let messages = request["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": first }));
    messages.push(json!({ "role": "user", "content": "A field is missing, once more with name=Sandro" }));
    let second = chat(&sandbox, &request).await.content();
    (read(&first), read(&second))
}

#[tokio::test]
async fn the_forgetful_model_corrects_itself_and_the_stubborn_one_does_not() {
    let mut wrong = painter();
    wrong.as_object_mut().unwrap().remove("age");
    assert_eq!(first_and_corrected("sandbox/forgetful").await, (wrong.clone(), painter()));
    assert_eq!(first_and_corrected("sandbox/stubborn").await, (wrong.clone(), wrong));
}
