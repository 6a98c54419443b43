//! Answers in JSON: in which form they are asked for, and whether they fit.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed helper is a failed test")]

mod common;

use botticelli_sandbox::Dialect;
use common::{Answer, chat, hello_with, said, speaking, streaming};
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

fn asking(format: &Value, model: &str) -> Value {
    let messages = said("Describe the painter with name=Sandro in JSON");
    hello_with(json!({ "model": model, "messages": messages, "response_format": format }))
}

async fn asked(dialect: Dialect, format: &Value) -> Answer {
    chat(&speaking(dialect).await, &asking(format, common::MODEL)).await
}

fn painter() -> Value {
    json!({ "name": "Sandro", "age": 18, "likes": ["art", "art"] })
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn an_answer_fits_the_schema_whole_and_streamed() {
    for dialect in [Dialect::Router, Dialect::Together, Dialect::Cerebras] {
        let sandbox = speaking(dialect).await;
        for format in [openai(&schema()), strict(&schema())] {
            let request = asking(&format, common::MODEL);
            assert_eq!(read(&chat(&sandbox, &request).await.content()), painter(), "{dialect}");
            let stream = chat(&sandbox, &streaming(request)).await;
            assert!(stream.deltas().len() > 5);
            assert_eq!(read(&stream.streamed_text()), painter(), "{dialect}");
        }
    }
}

#[tokio::test]
async fn tgi_has_forms_of_its_own() {
    for dialect in [Dialect::Tgi2, Dialect::Tgi3] {
        for format in [
            json!({ "type": "json_object", "value": schema() }),
            json!({ "type": "json", "value": schema() }),
            json!({ "type": "json_schema", "value": { "name": "person", "schema": schema() } }),
        ] {
            let answer = asked(dialect, &format).await;
            assert_eq!(read(&answer.content()), painter());
        }
        for format in [openai(&schema()), json!({ "type": "json_object" })] {
            let answer = asked(dialect, &format).await;
            assert_eq!(answer.status, 422);
            assert!(answer.text().contains("response_format: missing field `value`"), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn together_knows_its_own_form_too() {
    let format = json!({ "type": "json_schema", "schema": schema() });
    assert_eq!(read(&asked(Dialect::Together, &format).await.content()), painter());
    assert_eq!(asked(Dialect::Router, &format).await.status, 400);
}

#[tokio::test]
async fn any_json_must_be_spoken_of() {
    let format = json!({ "type": "json_object" });
    let answer = asked(Dialect::Router, &format).await;
    assert_eq!(read(&answer.content())["from"], "sandbox");
    let silent = hello_with(json!({ "response_format": format }));
    let answer = chat(&speaking(Dialect::Router).await, &silent).await;
    assert_eq!(answer.status, 400);
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("must contain the word 'json'"), "{message}");
    assert_eq!(chat(&speaking(Dialect::Cerebras).await, &silent).await.status, 200);
}

#[tokio::test]
async fn strict_is_taken_at_its_word() {
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
        let answer = asked(Dialect::Router, &strict(&schema)).await;
        assert_eq!(answer.status, 400, "{says}");
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("Invalid schema for response_format 'person': "), "{message}");
        assert!(message.contains(says), "{message}");
        assert_eq!(asked(Dialect::Router, &openai(&schema)).await.status, 200);
    }
}

#[tokio::test]
async fn a_provider_without_support_answers_prose() {
    let request = asking(&openai(&schema()), "Qwen/Qwen3-32B:groq");
    let answer = chat(&speaking(Dialect::Router).await, &request).await;
    assert!(answer.content().starts_with("This is the Botticelli sandbox"));
}

/// What a model says at first, and once it was told of its mistake.
async fn twice(model: &str) -> (Value, Value) {
    let sandbox = speaking(Dialect::Router).await;
    let mut request = asking(&openai(&schema()), model);
    let first = chat(&sandbox, &request).await.content();
    let messages = request["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": first }));
    messages.push(json!({ "role": "user", "content": "A field is missing, once more with name=Sandro" }));
    let second = chat(&sandbox, &request).await.content();
    (read(&first), read(&second))
}

#[tokio::test]
async fn the_forgetful_model_learns_and_the_stubborn_one_does_not() {
    let mut wrong = painter();
    wrong.as_object_mut().unwrap().remove("age");
    assert_eq!(twice("sandbox/forgetful").await, (wrong.clone(), painter()));
    assert_eq!(twice("sandbox/stubborn").await, (wrong.clone(), wrong));
}
