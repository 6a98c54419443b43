//! Requests as strict servers take them.

use crate::common::service::Service;
use crate::common::{scripted, settings};
use botticelli_core::{
    GenerateRequest, GenerateResponse, GenerationConfig, Input, MediaSource, Message, Output, Role, ToolCall,
};
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver};
use botticelli_sandbox::Script;
use serde_json::{Map, Value, json};

/// The body that a server of this dialect is sent.
async fn sent(dialect: Dialect, request: impl Into<GenerateRequest>) -> Value {
    let sandbox = scripted(Script::json(200, r#"{"choices":[{"message":{"content":"ok"}}]}"#)).await;
    settings(&sandbox).dialect(dialect).build().unwrap().generate(request.into()).await.unwrap();
    sandbox.requests().remove(0).body().clone()
}

fn calls() -> Vec<ToolCall> {
    vec![ToolCall::new("a", "open_room", r#"{"room":7}"#)]
}

#[tokio::test]
async fn texts_without_media_are_one_string() {
    let image = MediaSource::Url("https://example.org/duck.png".into());
    let request = vec![
        Message::system("Be brief.").with("Answer in Italian."),
        Message::user("What is it?").with("Is it a duck?").with(Input::Image(image)),
        Message::assistant("A duck.").with("A mallard."),
        Message::user("One.").with("").with("Three."),
    ];
    for dialect in [Dialect::OpenAi, Dialect::Tgi, Dialect::Together] {
        let body = sent(dialect, request.clone()).await;
        assert_eq!(body["messages"][0]["content"], "Be brief.\nAnswer in Italian.");
        assert_eq!(body["messages"][1]["content"].as_array().unwrap().len(), 3);
        assert_eq!(body["messages"][2]["content"], "A duck.\nA mallard.");
        assert_eq!(body["messages"][3]["content"], "One.\n\nThree.");
    }
}

#[tokio::test]
async fn content_is_null_next_to_tool_calls_and_absent_for_tgi() {
    for message in [
        Message::builder().role(Role::Assistant),
        Message::builder().role(Role::Assistant).content(vec!["".into()]),
    ] {
        let turn = message.tool_calls(calls()).build().unwrap();
        let request = vec![Message::user("Hi"), turn, Message::tool("a", "open")];
        for dialect in [Dialect::OpenAi, Dialect::SchemaInObject, Dialect::Together] {
            let body = sent(dialect, request.clone()).await;
            assert_eq!(body["messages"][1].get("content"), Some(&Value::Null), "{dialect}");
        }
        let body = sent(Dialect::Tgi, request).await;
        assert_eq!(body["messages"][1].get("content"), None);
    }
    let both = Message::assistant("I look.").with_tool_calls(calls());
    let request = vec![Message::user("Hi"), both, Message::tool("a", "open")];
    assert_eq!(sent(Dialect::OpenAi, request.clone()).await["messages"][1]["content"], "I look.");
    assert_eq!(sent(Dialect::Tgi, request).await["messages"][1].get("content"), None);
}

#[tokio::test]
async fn an_empty_assistant_turn_is_omitted() {
    let thought = GenerateResponse::builder().outputs(vec![Output::Reasoning("Hm".into())]).build().unwrap();
    for turn in [
        thought.to_message(),
        Message::assistant(""),
        Message::assistant(" \n").with(""),
        Message::assistant("").with_reasoning("Hm"),
    ] {
        let body =
            sent(Dialect::OpenAi, vec![Message::user("Who?"), turn.clone(), Message::user("Go on.")]).await;
        let expected = json!([{"role": "user", "content": "Who?"}, {"role": "user", "content": "Go on."}]);
        assert_eq!(body["messages"], expected, "{turn:?}");
    }
    // A user message may be empty, but a request with only empty messages is not sent.
    let body = sent(Dialect::OpenAi, vec![Message::user("")]).await;
    assert_eq!(body["messages"][0]["content"], "");
    let sandbox = scripted(Script::json(200, "{}")).await;
    let driver = settings(&sandbox).build().unwrap();
    let error = driver.generate(vec![Message::assistant("")].into()).await.unwrap_err();
    assert!(error.to_string().contains("empty assistant turns are not sent"), "{error}");
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn openai_receives_max_completion_tokens() {
    let service = Service::start().await;
    service.chatting();
    let driver = |provider: Option<&str>| {
        let builder =
            HuggingFaceDriver::builder("openai/gpt-5-mini").base_url(service.origin()).token("sk-mine");
        let builder = builder.environment(Environment::empty());
        let generation = GenerationConfig::default().with_max_tokens(64);
        let builder = builder.generation(generation);
        match provider {
            Some(provider) => builder.provider(provider),
            None => builder,
        }
        .build()
        .unwrap()
    };
    for request in [
        GenerateRequest::from("Hi"),
        GenerateRequest::builder().messages(vec!["Hi".into()]).max_tokens(64).build().unwrap(),
    ] {
        driver(Some("openai")).generate(request.clone()).await.unwrap();
        let body = service.last().body;
        assert_eq!((body.get("max_completion_tokens"), body.get("max_tokens")), (Some(&json!(64)), None));
        driver(None).generate(request).await.unwrap();
        let body = service.last().body;
        assert_eq!((body.get("max_completion_tokens"), body.get("max_tokens")), (None, Some(&json!(64))));
    }
    // A null is not sent, and so replaces no limit.
    let null: Map<_, _> = [("max_completion_tokens".to_owned(), Value::Null)].into_iter().collect();
    driver(None).generate(GenerateRequest::from("Hi").with_extra(null)).await.unwrap();
    assert_eq!(service.last().body.get("max_tokens"), Some(&json!(64)));
    // A caller's own name for it counts on any server, and only once.
    let extra: Map<_, _> = [("max_completion_tokens".to_owned(), json!(32))].into_iter().collect();
    let request = GenerateRequest::builder().messages(vec!["Hi".into()]).extra(extra).build().unwrap();
    for provider in [Some("openai"), None] {
        driver(provider).generate(request.clone()).await.unwrap();
        let body = service.last().body;
        assert_eq!((body.get("max_completion_tokens"), body.get("max_tokens")), (Some(&json!(32)), None));
    }
}

#[tokio::test]
async fn non_object_arguments_are_sent_back_in_an_object() {
    for written in ["{\"room\":", "[1]", "\"7\"", "{\"note\":\"first\nsecond\"}", "room 7", "{} {}"] {
        let turn = Message::assistant("").with_tool_calls(vec![ToolCall::new("a", "open_room", written)]);
        let body =
            sent(Dialect::OpenAi, vec![Message::user("Hi"), turn, Message::tool("a", "not JSON")]).await;
        let arguments = body["messages"][1]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(arguments).unwrap(), json!({"invalid_arguments": written}));
    }
    for written in ["{\"room\": 7}", " {}", "{\"room\":7,\"room\":8}"] {
        let turn = Message::assistant("").with_tool_calls(vec![ToolCall::new("a", "open_room", written)]);
        let body = sent(Dialect::OpenAi, vec![Message::user("Hi"), turn, Message::tool("a", "ok")]).await;
        assert_eq!(body["messages"][1]["tool_calls"][0]["function"]["arguments"], written);
    }
}
