//! Tool calls, in the forms that models write.

use crate::support::{TinyModel, open};
use botticelli_core::{
    FinishReason, GenerateRequest, GenerateResponse, ToolCall, ToolChoice, ToolDefinition,
};
#[cfg(not(feature = "grammar"))]
use botticelli_core::{OutputSchema, ResponseFormat};
#[cfg(not(feature = "grammar"))]
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use futures::StreamExt;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The part of a template that lists the tools.
pub(crate) const LIST: &str =
    "{%- if tools %}{{- tools | tojson }}{%- endif %}{{- 'reply with ' + form + '\\n' }}";
pub(crate) const TAGGED: &str = "<tool_call>";
pub(crate) const LLAMA: &str = "{\"name\": name, \"parameters\": arguments}";
pub(crate) const MISTRAL: &str = "[TOOL_CALLS]";

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

pub(crate) fn calls(response: &GenerateResponse) -> Vec<(String, Value)> {
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

#[cfg(not(feature = "grammar"))]
#[tokio::test]
async fn a_required_call_is_refused_without_grammars() {
    let driver = open(&model(&["ok"], TAGGED));
    let schema = OutputSchema::new("painter", json!({"type": "object"})).unwrap();
    for (request, name) in [
        (request().with_tool_choice(ToolChoice::Required), "`tool_choice`"),
        (request().with_response_format(ResponseFormat::JsonSchema(schema)), "`response_format`"),
    ] {
        let error = driver.generate(request).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Unsupported);
        assert!(
            error.to_string().contains(name) && error.to_string().contains("feature `grammar`"),
            "{error}"
        );
    }
}
