//! JSON that is enforced while a response is decoded. The weights are noise, the hardest case.

use crate::support::{TinyModel, open};
use botticelli_core::{FinishReason, GenerateRequest, OutputSchema, ResponseFormat};
use botticelli_error::ErrorCategory;
use botticelli_gguf::GgufDriver;
use botticelli_interface::BotticelliDriver;
use futures::StreamExt;
use serde_json::{Value, json};

/// A schema whose shortest and longest texts fit into 200 tokens of one byte.
fn painter() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 12},
            "born": {"type": "integer", "minimum": 1300, "maximum": 1600},
            "city": {"enum": ["Florence", "Rome", "Siena"]},
            "works": {"type": "array", "items": {"type": "string", "maxLength": 6}, "maxItems": 2},
            "alive": {"type": "boolean"},
        },
        "required": ["name", "born", "city", "works", "alive"],
        "additionalProperties": false,
    })
}

fn request(schema: Value, seed: u64) -> GenerateRequest {
    let format = ResponseFormat::JsonSchema(OutputSchema::new("painter", schema).unwrap());
    GenerateRequest::from("Who?").with_response_format(format).with_seed(seed).with_temperature(1.5)
}

fn driver(architecture: &'static str) -> GgufDriver {
    open(&TinyModel::noise(architecture).rounded(true).with_context(1_024))
}

fn assert_valid(text: &str) {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let fields = value.as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["name", "born", "city", "works", "alive"]);
    assert!(fields["name"].as_str().unwrap().chars().count() <= 12, "{text}");
    assert!((1300..=1600).contains(&fields["born"].as_i64().unwrap()), "{text}");
    assert!(["Florence", "Rome", "Siena"].contains(&fields["city"].as_str().unwrap()), "{text}");
    assert!(fields["works"].as_array().unwrap().len() <= 2, "{text}");
    assert!(fields["alive"].is_boolean(), "{text}");
}

#[tokio::test]
async fn json_is_valid_in_100_of_100_responses() {
    let driver = driver("llama");
    for seed in 0..100 {
        let response = driver.generate(request(painter(), seed)).await.unwrap();
        assert_eq!(*response.finish_reason(), FinishReason::Stop, "{}", response.text());
        assert_valid(&response.text());
    }
    let plain = driver.generate(GenerateRequest::from("Who?").with_max_tokens(50)).await.unwrap();
    assert!(serde_json::from_str::<Value>(&plain.text()).is_err(), "{}", plain.text());
}

#[tokio::test]
async fn greedy_streamed_and_several_choices_are_valid_too() {
    let driver = driver("qwen2");
    let greedy = driver.generate(request(painter(), 1).with_temperature(0.0)).await.unwrap();
    assert_valid(&greedy.text());
    let several = driver.generate(request(painter(), 2).with_n(3)).await.unwrap();
    assert_valid(&several.text());
    assert_eq!(several.alternatives().len(), 2);
    for choice in several.alternatives() {
        assert_valid(&choice.text());
        assert_ne!(choice.text(), several.text());
    }
    let mut stream = driver.generate_stream(request(painter(), 3)).await.unwrap();
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text.push_str(chunk.unwrap().text());
    }
    assert_valid(&text);
}

#[tokio::test]
async fn a_bias_does_not_break_the_form() {
    let driver = driver("llama");
    let brace = driver.tokenize("{")[0];
    let request = request(painter(), 1).with_logit_bias([(brace, -100.0)].into_iter().collect());
    assert_valid(&driver.generate(request).await.unwrap().text());
}

#[tokio::test]
async fn a_grammar_begins_after_the_reasoning() {
    let script = ["Hm", ".</think>"];
    let template = "{%- for message in messages %}{{- message.content }}{%- endfor %}{{- '<think>\\n' }}";
    let driver = open(&TinyModel::script(&script).with_template(Some(template)).with_context(1_024));
    let response = driver.generate(request(painter(), 1)).await.unwrap();
    assert_eq!(response.reasoning(), "Hm.");
    assert_valid(&response.text());
}

#[tokio::test]
async fn any_object_is_a_schema_too() {
    let driver = driver("llama");
    let request = GenerateRequest::from("Who?")
        .with_response_format(ResponseFormat::JsonObject)
        .with_seed(1)
        .with_max_tokens(40);
    let response = driver.generate(request).await.unwrap();
    assert!(response.text().starts_with('{'), "{}", response.text());
}

#[tokio::test]
async fn references_are_followed() {
    let schema = json!({
        "type": "object",
        "properties": {"first": {"$ref": "#/$defs/color"}, "second": {"$ref": "#/$defs/color"}},
        "required": ["first", "second"],
        "additionalProperties": false,
        "$defs": {"color": {"enum": ["red", "blue"]}},
    });
    let response = driver("llama").generate(request(schema, 1)).await.unwrap();
    let value: Value = serde_json::from_str(&response.text()).unwrap();
    assert!(["red", "blue"].contains(&value["second"].as_str().unwrap()), "{value}");
}

#[tokio::test]
async fn keywords_without_support_are_named() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "array", "uniqueItems": true}}});
    let error = driver("llama").generate(request(schema, 1)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
    assert!(error.to_string().contains("uniqueItems"), "{error}");
}
