//! Tool calls that are enforced while a response is decoded. The weights are noise, the hardest case.

use crate::support::{TinyModel, open};
use crate::tools::{LIST, LLAMA, MISTRAL, TAGGED, calls};
use botticelli_core::{
    FinishReason, GenerateRequest, OutputSchema, ResponseFormat, ToolChoice, ToolDefinition,
};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use serde_json::{Value, json};

/// A model of noise with this form of tool calls.
fn noise(form: &str) -> TinyModel {
    let template = format!("{{%- set form = '{form}' %}}{LIST}");
    TinyModel::noise("llama").rounded(true).with_template(Some(&template)).with_context(2_048)
}

fn bounded() -> GenerateRequest {
    let zone = json!({
        "type": "object",
        "properties": {"zone": {"$ref": "#/$defs/zone"}},
        "required": ["zone"],
        "additionalProperties": false,
        "$defs": {"zone": {"enum": ["UTC", "CET"]}},
    });
    let nothing = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let tools =
        vec![ToolDefinition::new("now", zone).unwrap(), ToolDefinition::new("stop", nothing).unwrap()];
    GenerateRequest::from("What time is it?").with_tools(tools).with_temperature(1.5).with_max_tokens(1_500)
}

fn painter() -> ResponseFormat {
    let schema = json!({
        "type": "object",
        "properties": {"city": {"enum": ["Florence", "Siena"]}},
        "required": ["city"],
        "additionalProperties": false,
    });
    ResponseFormat::JsonSchema(OutputSchema::new("painter", schema).unwrap())
}

fn assert_calls(calls: &[(String, Value)]) {
    for (name, arguments) in calls {
        match name.as_str() {
            "now" => assert!(["UTC", "CET"].contains(&arguments["zone"].as_str().unwrap()), "{arguments}"),
            name => assert_eq!((name, arguments), ("stop", &json!({}))),
        }
    }
}

#[tokio::test]
async fn a_required_call_is_enforced_in_each_form() {
    // With the first letter between two calls.
    for (form, between) in [(TAGGED, "\n"), (LLAMA, ";"), (MISTRAL, ",")] {
        let driver = open(&noise(form));
        for seed in 0..5 {
            let required = bounded().with_tool_choice(ToolChoice::Required).with_seed(seed);
            let bias = [(driver.tokenize(between)[0], 100.0)].into_iter().collect();
            for (request, least, most) in [
                (required.clone(), 1, 8),
                (required.clone().with_parallel_tool_calls(false), 1, 1),
                (required.with_logit_bias(bias), 8, 8),
            ] {
                let response = driver.generate(request).await.unwrap();
                let called = calls(&response);
                assert!((least..=most).contains(&called.len()), "{form}: {response:?}");
                assert_calls(&called);
                assert_eq!(response.text(), "", "{form}");
                assert_eq!(*response.finish_reason(), FinishReason::ToolCalls);
            }
        }
    }
}

#[tokio::test]
async fn a_named_tool_is_the_only_one_that_is_called() {
    for form in [TAGGED, LLAMA, MISTRAL] {
        let driver = open(&noise(form));
        for seed in 0..5 {
            let choice = ToolChoice::Function("stop".to_owned());
            let response = driver.generate(bounded().with_tool_choice(choice).with_seed(seed)).await.unwrap();
            assert_eq!(calls(&response), [("stop".to_owned(), json!({}))], "{form}");
        }
    }
}

#[tokio::test]
async fn a_response_has_the_format_or_calls_a_tool() {
    // With the first letter of a call, and that of an answer, at the same place.
    for (form, call, answer) in [(TAGGED, "<", "{"), (LLAMA, "n", "c"), (MISTRAL, "[", "{")] {
        let driver = open(&noise(form));
        let preferring = |letter: &str, seed: u64| {
            let bias = [(driver.tokenize(letter)[0], 100.0)].into_iter().collect();
            bounded().with_response_format(painter()).with_seed(seed).with_logit_bias(bias)
        };
        for seed in 0..5 {
            let response = driver.generate(preferring(answer, seed)).await.unwrap();
            assert_eq!(response.tool_calls().count(), 0, "{form}: {response:?}");
            let value: Value = serde_json::from_str(&response.text()).unwrap();
            assert!(["Florence", "Siena"].contains(&value["city"].as_str().unwrap()), "{value}");
            assert_eq!(response.tool_calls().count(), 0);
            assert_eq!(*response.finish_reason(), FinishReason::Stop);

            let response = driver.generate(preferring(call, seed)).await.unwrap();
            assert!(response.tool_calls().count() > 0, "{form}: {response:?}");
            assert_calls(&calls(&response));
            assert_eq!(response.text(), "");
        }
    }
}

#[tokio::test]
async fn a_tool_whose_arguments_cannot_be_enforced_is_named() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "array", "uniqueItems": true}}});
    let tools = vec![ToolDefinition::new("sort", schema).unwrap()];
    let request = GenerateRequest::from("Sort").with_tools(tools).with_tool_choice(ToolChoice::Required);
    let driver = open(&noise(TAGGED));
    let error = driver.generate(request.clone()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
    let text = error.to_string();
    assert!(["sort", "uniqueItems", "ToolChoice::Auto"].iter().all(|word| text.contains(word)), "{text}");
    // Without a required call, the schema is only in the prompt.
    driver.generate(request.with_tool_choice(ToolChoice::Auto).with_max_tokens(1)).await.unwrap();
}
