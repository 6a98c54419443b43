//! Tool calls, in the forms that models write.

use crate::support::{TinyModel, open};
use botticelli_core::{
    FinishReason, GenerateRequest, GenerateResponse, OutputSchema, ResponseFormat, ToolCall, ToolChoice,
    ToolDefinition,
};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use futures::StreamExt;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The part of a template that lists the tools.
const LIST: &str = "{%- if tools %}{{- tools | tojson }}{%- endif %}{{- 'reply with ' + form + '\\n' }}";
const TAGGED: &str = "<tool_call>";
const LLAMA: &str = "{\"name\": name, \"parameters\": arguments}";
const MISTRAL: &str = "[TOOL_CALLS]";

fn model(script: &[&'static str], form: &str) -> TinyModel {
    let template = format!("{{%- set form = '{form}' %}}{LIST}");
    TinyModel::script(script).with_template(Some(&template)).with_context(1_024)
}

fn request() -> GenerateRequest {
    let zone = json!({"type": "object", "properties": {"zone": {"type": "string"}}});
    let tools =
        vec![ToolDefinition::new("now", zone).unwrap(), ToolDefinition::without_arguments("stop").unwrap()];
    GenerateRequest::from("What time is it?").with_tools(tools).with_temperature(0.0).with_seed(7)
}

/// Returns the response, after a check that the streamed one is the same.
async fn response(script: &[&'static str], form: &str) -> GenerateResponse {
    let driver = open(&model(script, form));
    let plain = driver.generate(request()).await.unwrap();
    let mut stream = driver.generate_stream(request()).await.unwrap();
    let (mut text, mut last) = (String::new(), None);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.unwrap();
        text.push_str(chunk.text());
        last = chunk.into_response();
    }
    let streamed = last.unwrap();
    assert_eq!(streamed.outputs(), plain.outputs());
    assert_eq!(text, plain.text());
    plain
}

fn calls(response: &GenerateResponse) -> Vec<(String, Value)> {
    response.tool_calls().map(|call| (call.name().to_owned(), call.arguments().unwrap())).collect()
}

#[tokio::test]
async fn calls_between_tags_are_read() {
    let script = [
        "I look.\n",
        "<tool",
        "_call>\n{\"name\": \"now\", \"argum",
        "ents\": {\"zone\": \"UTC\"}}\n",
        "</tool_call>",
    ];
    let response = response(&script, TAGGED).await;
    assert_eq!(calls(&response), [("now".to_owned(), json!({"zone": "UTC"}))]);
    assert_eq!(response.text(), "I look.");
    assert_eq!(*response.finish_reason(), FinishReason::ToolCalls);
}

#[tokio::test]
async fn several_calls_have_different_ids() {
    let script = [
        "<tool_call>{\"name\": \"now\", \"arguments\": {\"zone\": \"CET\"}}</tool_call>\n",
        "<tool_call>{\"name\": \"stop\", \"arguments\": {}}",
    ];
    let response = response(&script, TAGGED).await;
    // The close tag of the last call is missing.
    assert_eq!(
        calls(&response),
        [("now".to_owned(), json!({"zone": "CET"})), ("stop".to_owned(), json!({}))]
    );
    let ids: HashSet<&str> = response.tool_calls().map(ToolCall::id).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| id.len() == 9 && id.chars().all(|letter| letter.is_ascii_alphanumeric())));
}

#[tokio::test]
async fn a_call_may_be_the_whole_response() {
    let script = ["{\"name\": \"now\", ", "\"parameters\": {\"zone\": \"UTC\"}}; ", "{\"name\": \"stop\"}"];
    let response = response(&script, LLAMA).await;
    assert_eq!(
        calls(&response),
        [("now".to_owned(), json!({"zone": "UTC"})), ("stop".to_owned(), json!({}))]
    );
    assert_eq!(response.text(), "");
}

#[tokio::test]
async fn a_call_may_follow_the_python_tag() {
    let response = response(&["<|python", "_tag|>", "{\"name\": \"stop\", \"parameters\": {}}"], LLAMA).await;
    assert_eq!(calls(&response), [("stop".to_owned(), json!({}))]);
}

#[tokio::test]
async fn a_list_of_calls_is_read() {
    let script = [
        "[TOOL_",
        "CALLS]",
        "[{\"name\": \"now\", \"arguments\": {\"zone\": \"UTC\"}},",
        " {\"name\": \"stop\"}]",
    ];
    let response = response(&script, MISTRAL).await;
    assert_eq!(calls(&response).len(), 2);
}

#[tokio::test]
async fn text_that_is_no_call_stays_text() {
    let cases: [(&[&'static str], &str); 6] = [
        (&["It is ", "noon."], TAGGED),
        (&["<tool_call>{\"name\": \"other\", \"arguments\": {}}</tool_call>"], TAGGED),
        (&["<tool_call>{\"name\": \"now\", </tool_call>"], TAGGED),
        (&["{\"answer\": 42}"], LLAMA),
        (&["a < b ", "<tool"], TAGGED),
        (&["[TOOL_CALLS]now"], MISTRAL),
    ];
    for (script, form) in cases {
        let response = response(script, form).await;
        assert_eq!(response.text(), script.concat());
        assert_eq!(response.tool_calls().count(), 0);
        assert_eq!(*response.finish_reason(), FinishReason::Stop);
    }
}

#[tokio::test]
async fn tools_are_in_the_prompt_only_if_the_model_may_call_them() {
    let driver = open(&model(&["ok"], TAGGED));
    let with = driver.render(&request()).unwrap();
    assert!(with.contains("\"name\": \"now\""), "{with}");
    let without = driver.render(&request().with_tool_choice(ToolChoice::None)).unwrap();
    assert!(!without.contains("now"), "{without}");
    let info = driver.model_info("tiny").await.unwrap().unwrap();
    assert_eq!(info.providers[0].supports_tools, Some(true));
}

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
