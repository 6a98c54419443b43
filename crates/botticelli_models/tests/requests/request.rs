//! The bytes of a request.

use crate::common::{collect, driver, scripted, settings};
use botticelli_core::{GenerateRequest, Input, MediaSource, Message, Role, ToolCall};
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::{Sandbox, Script};
use serde_json::{Map, Value, json};

/// Returns the body that the sandbox received for `request`, even if the sandbox rejects it.
async fn sent(request: GenerateRequest) -> (String, Value) {
    let sandbox = scripted(Script::json(200, r#"{"choices":[{"message":{"content":"ok"}}]}"#)).await;
    driver(&sandbox).generate(request).await.unwrap();
    let received = sandbox.requests().remove(0);
    (received.text().to_owned(), received.body().clone())
}

fn full() -> GenerateRequest {
    let mut extra = Map::new();
    extra.insert("top_k".into(), json!(40));
    GenerateRequest::builder()
        .messages(vec![Message::system("Be brief."), Message::user("Hello")])
        .model("org/model:groq")
        .max_tokens(10)
        .temperature(0.7)
        .top_p(0.9)
        .stop(vec!["END".into()])
        .seed(u64::MAX)
        .frequency_penalty(-0.1)
        .presence_penalty(0.3)
        .extra(extra)
        .build()
        .unwrap()
}

#[tokio::test]
async fn exactly_the_fields_that_are_set_are_sent() {
    let (_, body) = sent(full()).await;
    let expected = json!({
        "model": "org/model:groq",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        "max_tokens": 10,
        "temperature": 0.7,
        "top_p": 0.9,
        "frequency_penalty": -0.1,
        "presence_penalty": 0.3,
        "seed": u64::MAX,
        "stop": ["END"],
        "top_k": 40,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn what_is_not_set_is_not_sent() {
    let (text, _) = sent("Hello".into()).await;
    assert_eq!(text, r#"{"model":"openai/gpt-oss-20b","messages":[{"role":"user","content":"Hello"}]}"#);
}

#[tokio::test]
async fn a_null_is_never_sent() {
    let extra = Map::from_iter([("top_k".to_owned(), Value::Null), ("min_p".to_owned(), json!(0.1))]);
    let request =
        GenerateRequest::builder().messages(vec![Message::user("Hi")]).extra(extra).build().unwrap();
    let (text, body) = sent(request).await;
    assert_eq!(body["min_p"], 0.1);
    assert!(!text.contains("null"), "{text}");
}

#[tokio::test]
async fn the_model_is_the_first_field() {
    let (text, _) = sent(full()).await;
    assert!(text.starts_with(r#"{"model":"org/model:groq","#), "{text}");
}

#[tokio::test]
async fn a_temperature_of_0_7_is_sent_as_0_7() {
    let (text, _) = sent(full()).await;
    assert!(text.contains(r#""temperature":0.7,"#), "{text}");
}

#[tokio::test]
async fn a_stream_requests_usage() {
    let sandbox = Sandbox::start().await.unwrap();
    let _ = collect(&driver(&sandbox), "Hello".into()).await;
    let received = &sandbox.requests()[0];
    assert_eq!(received.body()["stream"], true);
    assert_eq!(received.body()["stream_options"], json!({"include_usage": true}));
}

#[tokio::test]
async fn headers_name_the_client_and_the_payer() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).bill_to("my-org").build().unwrap();
    driver.generate("Hello".into()).await.unwrap();
    let received = &sandbox.requests()[0];
    assert_eq!(received.method(), "POST");
    assert_eq!(received.path(), "/v1/chat/completions");
    assert!(received.has_token(Sandbox::TOKEN));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("x-hf-bill-to"), Some("my-org"));
    assert!(received.header("user-agent").is_some_and(|agent| agent.starts_with("botticelli/")));
}

#[tokio::test]
async fn bill_to_is_not_sent_by_default() {
    let sandbox = Sandbox::start().await.unwrap();
    driver(&sandbox).generate("Hello".into()).await.unwrap();
    assert_eq!(sandbox.requests()[0].header("x-hf-bill-to"), None);
}

#[tokio::test]
async fn images_are_sent_as_content_parts() {
    let message = Message::user("What is on it?")
        .with(Input::Image(MediaSource::Url("https://example.org/duck.jpg".into())))
        .with(Input::Image(MediaSource::Bytes { media_type: "image/png".into(), data: vec![1, 2, 3] }))
        .with(Input::Image(MediaSource::Base64 { media_type: "image/gif".into(), data: "AAAA".into() }));
    let (_, body) = sent(message.into()).await;
    assert_eq!(
        body["messages"][0]["content"],
        json!([
            {"type": "text", "text": "What is on it?"},
            {"type": "image_url", "image_url": {"url": "https://example.org/duck.jpg"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AQID"}},
            {"type": "image_url", "image_url": {"url": "data:image/gif;base64,AAAA"}},
        ])
    );
}

#[tokio::test]
async fn a_turn_that_only_calls_tools_has_null_for_its_content() {
    let call = ToolCall::new("call_1", "weather", r#"{"city":"Florence"}"#);
    let turn = Message::builder().role(Role::Assistant).tool_calls(vec![call]).build().unwrap();
    let request = vec![Message::user("Rain?"), turn, Message::tool("call_1", "18 °C, dry")];
    let (_, body) = sent(request.into()).await;
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": "Rain?"},
            {"role": "assistant", "content": null, "tool_calls": [{
                "id": "call_1", "type": "function",
                "function": {"name": "weather", "arguments": "{\"city\":\"Florence\"}"},
            }]},
            {"role": "tool", "content": "18 °C, dry", "tool_call_id": "call_1"},
        ])
    );
}

/// An assistant's turn that makes calls with these ids.
fn called(ids: &[&str]) -> Message {
    let calls = ids.iter().map(|id| ToolCall::new(*id, "weather", "{}")).collect();
    Message::builder().role(Role::Assistant).tool_calls(calls).build().unwrap()
}

#[tokio::test]
async fn two_results_in_one_message_are_two_turns() {
    let result = |id: &str| Input::ToolResult { id: id.into(), content: "ok".into() };
    let message =
        Message::builder().role(Role::Tool).content(vec![result("a"), result("b")]).build().unwrap();
    let (_, body) = sent(vec![called(&["a", "b"]), message].into()).await;
    let turns = body["messages"].as_array().unwrap();
    let ids: Vec<_> = turns.iter().skip(1).map(|turn| &turn["tool_call_id"]).collect();
    assert_eq!(ids, ["a", "b"]);
}

#[tokio::test]
async fn the_name_of_a_message_is_sent() {
    let message =
        Message::builder().role(Role::User).content(vec!["Hello".into()]).name("Ada").build().unwrap();
    let (_, body) = sent(message.into()).await;
    assert_eq!(body["messages"][0], json!({"role": "user", "content": "Hello", "name": "Ada"}));
}

#[tokio::test]
async fn a_base_url_becomes_the_chat_route() {
    for (base_path, called) in [
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
        ("/v1", "/v1/chat/completions"),
        ("/v1/", "/v1/chat/completions"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
        ("/v1?api-version=2", "/v1/chat/completions?api-version=2"),
        ("/deep/down", "/deep/down/v1/chat/completions"),
        ("/groq/openai/v1", "/groq/openai/v1/chat/completions"),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let driver = settings(&sandbox).base_url(format!("{}{base_path}", sandbox.origin())).build().unwrap();
        let _ = driver.generate("Hello".into()).await;
        assert_eq!(sandbox.requests()[0].path(), called, "{base_path}");
    }
}

#[tokio::test]
async fn the_catalog_is_next_to_the_chat_route() {
    for (base_path, called) in [
        ("/v1", "/v1/models/org/model"),
        ("", "/v1/models/org/model"),
        ("/a/v1/chat/completions?x=1", "/a/v1/models/org/model?x=1"),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let driver = settings(&sandbox).base_url(format!("{}{base_path}", sandbox.origin())).build().unwrap();
        let _ = driver.model_info("org/model:cheapest").await;
        assert_eq!(sandbox.requests()[0].path(), called, "{base_path}");
    }
}

#[test]
fn stored_requests_and_messages_are_read_back_unchanged() {
    let image = Input::Image(MediaSource::Bytes { media_type: "image/png".into(), data: vec![0, 255, 7] });
    let mut request = full();
    request = GenerateRequest::builder()
        .messages(vec![Message::user("Look").with(image), called(&["a"]), Message::tool("a", "b")])
        .extra(request.extra().clone())
        .temperature(0.7)
        .build()
        .unwrap();
    let stored = serde_json::to_string(&request).unwrap();
    assert!(stored.contains(r#""temperature":0.7"#));
    assert_eq!(serde_json::from_str::<GenerateRequest>(&stored).unwrap(), request);
}
