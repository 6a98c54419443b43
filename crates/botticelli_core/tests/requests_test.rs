//! Requests as values: every setting has a `with_*` method, and a stored request reads back.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli_core::{
    CompletionRequest, GenerateRequest, GenerationConfig, Message, ReasoningEffort, ResponseFormat, Role,
    Timeouts, ToolChoice, ToolDefinition,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

fn extra() -> Map<String, Value> {
    json!({ "top_k": 40 }).as_object().unwrap().clone()
}

fn chat() -> GenerateRequest {
    GenerateRequest::from("Hi")
        .with_model("org/model")
        .with_max_tokens(10)
        .with_temperature(0.7)
        .with_top_p(0.9)
        .with_stop(["END"])
        .with_seed(u64::MAX)
        .with_frequency_penalty(0.5)
        .with_presence_penalty(-1.0)
        .with_n(2)
        .with_logprobs(true)
        .with_top_logprobs(3)
        .with_logit_bias(BTreeMap::from([(7, 1.5)]))
        .with_tools(vec![ToolDefinition::without_arguments("look").unwrap()])
        .with_tool_choice(ToolChoice::Required)
        .with_parallel_tool_calls(false)
        .with_response_format(ResponseFormat::JsonObject)
        .with_reasoning_effort(ReasoningEffort::Low)
        .with_user("ada")
        .with_without_defaults(true)
        .with_extra(extra())
}

#[test]
fn a_chat_request_is_the_same_from_values_and_from_the_builder() {
    let built = GenerateRequest::builder()
        .messages(vec![Message::user("Hi")])
        .model("org/model")
        .max_tokens(10)
        .temperature(0.7)
        .top_p(0.9)
        .stop(vec!["END".into()])
        .seed(u64::MAX)
        .frequency_penalty(0.5)
        .presence_penalty(-1.0)
        .n(2)
        .logprobs(true)
        .top_logprobs(3)
        .logit_bias(BTreeMap::from([(7, 1.5)]))
        .tools(vec![ToolDefinition::without_arguments("look").unwrap()])
        .tool_choice(ToolChoice::Required)
        .parallel_tool_calls(false)
        .response_format(ResponseFormat::JsonObject)
        .reasoning_effort(ReasoningEffort::Low)
        .user("ada")
        .without_defaults(true)
        .extra(extra())
        .build()
        .unwrap();
    assert_eq!(chat(), built);
    assert!(chat().with_timeouts(Timeouts::default()).timeouts().is_some());
}

#[test]
fn a_completion_request_is_the_same_from_values_and_from_the_builder() {
    let request = CompletionRequest::from("Once")
        .with_prompt("Twice")
        .with_model("gpt2")
        .with_max_tokens(10)
        .with_temperature(0.7)
        .with_top_p(0.9)
        .with_stop(["END"])
        .with_seed(7)
        .with_frequency_penalty(0.5)
        .with_presence_penalty(-1.0)
        .with_logprobs(3)
        .with_without_defaults(true)
        .with_timeouts(Timeouts::default())
        .with_extra(extra());
    let built = CompletionRequest::builder()
        .prompt("Twice")
        .model("gpt2")
        .max_tokens(10)
        .temperature(0.7)
        .top_p(0.9)
        .stop(vec!["END".into()])
        .seed(7)
        .frequency_penalty(0.5)
        .presence_penalty(-1.0)
        .logprobs(3)
        .without_defaults(true)
        .timeouts(Timeouts::default())
        .extra(extra())
        .build()
        .unwrap();
    assert_eq!(request, built);
}

#[test]
fn none_clears_a_setting() {
    let request = chat().with_max_tokens(None).with_temperature(None).with_tool_choice(None);
    assert_eq!((request.max_tokens(), request.temperature(), request.tool_choice()), (None, None, None));
    let message = Message::user("Hi").with_name("ada");
    assert_eq!((message.name(), message.role()), (Some("ada"), Role::User));
}

#[test]
fn an_invalid_value_is_an_error_of_validate() {
    for request in [
        chat().with_max_tokens(0),
        chat().with_temperature(f64::NAN),
        chat().with_top_p(0.0),
        chat().with_frequency_penalty(3.0),
        chat().with_stop([""]),
        chat().with_n(0),
    ] {
        assert!(request.validate().is_err(), "{request:?}");
    }
    chat().validate().unwrap();
}

#[test]
fn the_generation_parameters_of_a_request_are_one_value() {
    let generation = GenerationConfig::default().with_max_tokens(5).with_stop(["STOP"]);
    let request = chat().with_generation(generation.clone());
    assert_eq!((request.max_tokens(), request.temperature(), request.stop().len()), (Some(5), None, 1));
    assert_eq!(*request.generation(), generation);
    let built =
        CompletionRequest::builder().prompt("Once").seed(1).generation(generation).seed(2).build().unwrap();
    assert_eq!((built.max_tokens(), built.seed()), (Some(5), Some(2)));
}

#[test]
fn defaults_fill_what_a_request_does_not_set() {
    let defaults = GenerationConfig::default().with_max_tokens(5).with_seed(7).with_stop(["STOP"]);
    let request = GenerateRequest::from("Hi").with_max_tokens(9).with_defaults(&defaults);
    assert_eq!((request.max_tokens(), request.seed(), request.stop().len()), (Some(9), Some(7), 1));
    let own = GenerateRequest::from("Hi").with_stop(Vec::<String>::new()).with_defaults(&defaults);
    assert!(own.stop().is_empty(), "an empty list overrides the defaults");
    let alone = GenerateRequest::from("Hi").with_without_defaults(true).with_defaults(&defaults);
    assert_eq!(*alone.generation(), GenerationConfig::default());
}

#[test]
fn a_stored_request_is_flat_and_reads_back() {
    let stored = serde_json::to_value(chat()).unwrap();
    assert_eq!((&stored["max_tokens"], &stored["seed"]), (&json!(10), &json!(u64::MAX)));
    assert_eq!(serde_json::from_value::<GenerateRequest>(stored.clone()).unwrap(), chat());
    assert_eq!(serde_json::from_str::<GenerateRequest>(&stored.to_string()).unwrap(), chat());
    let short = serde_json::to_string(&GenerateRequest::from("Hi")).unwrap();
    assert_eq!(short, r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#);
}

#[test]
fn a_stored_request_rejects_an_unknown_field() {
    for (field, value) in [("max_token", json!(1)), ("generation", json!({})), ("stream", json!(true))] {
        let mut stored = serde_json::to_value(chat()).unwrap();
        stored[field] = value;
        let error = serde_json::from_value::<GenerateRequest>(stored).unwrap_err().to_string();
        assert!(error.contains(&format!("unknown field `{field}`")), "{error}");
    }
}

#[test]
fn a_stored_request_rejects_a_wrong_type_and_a_repeated_field() {
    for stored in [
        r#"{"messages":[],"max_tokens":"many"}"#,
        r#"{"messages":[],"max_tokens":-1}"#,
        r#"{"messages":[],"temperature":true}"#,
        r#"{"messages":[],"stop":"END"}"#,
        r#"{"messages":[],"seed":1,"seed":2}"#,
    ] {
        assert!(serde_json::from_str::<GenerateRequest>(stored).is_err(), "{stored}");
    }
    // Whole numbers are numbers.
    let stored = r#"{"messages":[],"temperature":1}"#;
    assert_eq!(serde_json::from_str::<GenerateRequest>(stored).unwrap().temperature(), Some(1.0));
}

#[test]
fn every_setting_of_another_request_replaces_the_own_one() {
    let plain = GenerateRequest::from("Mine").with_model("own").with_user("eve").with_seed(1);
    let changed = plain.clone().with_settings(&chat());
    assert_eq!(changed.messages(), plain.messages());
    assert_eq!(json!(changed.clone().with_messages(chat().messages().to_vec())), json!(chat()));
    // What is not set there stays.
    assert_eq!(chat().with_settings(&GenerateRequest::default()), chat());
    let other = json!({ "top_k": 3, "min_p": 0.1 }).as_object().unwrap().clone();
    let merged = chat().with_settings(&GenerateRequest::default().with_extra(other));
    assert_eq!(json!(merged.extra()), json!({ "top_k": 3, "min_p": 0.1 }));
    let timeouts = Timeouts::default().with_total(std::time::Duration::from_secs(5));
    let timed = plain.with_settings(&GenerateRequest::default().with_timeouts(timeouts));
    assert!(timed.timeouts().is_some() && timed.clone().with_settings(&chat()).timeouts().is_some());
}
