//! Tools, forms, choices, media and reasoning as they go out, in the words of each dialect.

use crate::common::{collect, driver, failure, folded, scripted, settings, stream_failure};
use botticelli_core::{
    GenerateRequest, GenerateRequestBuilder, Input, MediaSource, Message, OutputSchema, ReasoningEffort,
    ResponseFormat, ToolCall, ToolChoice, ToolDefinition,
};
use botticelli_error::{ErrorCategory, PartialResponse};
use botticelli_interface::BotticelliDriver;
use botticelli_models::huggingface::Dialect;
use botticelli_sandbox::Script;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const GOOD: &str = r#"{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}"#;

fn hello() -> GenerateRequestBuilder {
    GenerateRequest::builder().messages(vec![Message::user("Hello")])
}

fn weather() -> ToolDefinition {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    ToolDefinition::new("weather", parameters).unwrap().with_description("In a city").with_strict(true)
}

fn verdict() -> ResponseFormat {
    let form = OutputSchema::new("verdict", json!({"type": "object"})).unwrap();
    ResponseFormat::JsonSchema(form.with_description("What it came to").with_strict(true))
}

/// Returns the body that the service receives.
async fn sent(request: GenerateRequest, dialect: Dialect) -> Value {
    let sandbox = scripted(Script::json(200, GOOD)).await;
    settings(&sandbox).dialect(dialect).build().unwrap().generate(request).await.unwrap();
    sandbox.requests().remove(0).body().clone()
}

#[tokio::test]
async fn every_option_is_sent_as_it_was_set() {
    let request = hello()
        .n(2)
        .logprobs(true)
        .top_logprobs(3)
        .logit_bias(BTreeMap::from([(7, -1.5), (50_256, 100.0)]))
        .tools(vec![weather()])
        .tool_choice(ToolChoice::Function("weather".into()))
        .parallel_tool_calls(false)
        .response_format(verdict())
        .reasoning_effort(ReasoningEffort::Minimal)
        .user("ada")
        .build()
        .unwrap();
    let body = sent(request, Dialect::OpenAi).await;
    let expected = json!({
        "model": "openai/gpt-oss-20b",
        "messages": [{"role": "user", "content": "Hello"}],
        "n": 2,
        "logprobs": true,
        "top_logprobs": 3,
        "logit_bias": {"7": -1.5, "50256": 100.0},
        "tools": [{"type": "function", "function": {
            "name": "weather",
            "description": "In a city",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
            "strict": true,
        }}],
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "parallel_tool_calls": false,
        "response_format": {"type": "json_schema", "json_schema": {
            "name": "verdict", "description": "What it came to", "schema": {"type": "object"}, "strict": true,
        }},
        "reasoning_effort": "minimal",
        "user": "ada",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_tool_choice_is_sent_as_a_word() {
    for (choice, word) in
        [(ToolChoice::Auto, "auto"), (ToolChoice::None, "none"), (ToolChoice::Required, "required")]
    {
        let request = hello().tools(vec![weather()]).tool_choice(choice).build().unwrap();
        assert_eq!(sent(request, Dialect::OpenAi).await["tool_choice"], word);
    }
}

#[tokio::test]
async fn each_dialect_has_its_own_place_for_a_schema() {
    let schema = json!({"type": "object"});
    let openai =
        json!({"name": "verdict", "description": "What it came to", "schema": schema, "strict": true});
    for (dialect, expected) in [
        (Dialect::OpenAi, json!({"type": "json_schema", "json_schema": openai})),
        (Dialect::Tgi, json!({"type": "json_object", "value": schema})),
        (Dialect::SchemaInObject, json!({"type": "json_object", "schema": schema})),
        (Dialect::Together, json!({"type": "json_schema", "schema": schema})),
    ] {
        let request = hello().response_format(verdict()).build().unwrap();
        assert_eq!(sent(request, dialect).await["response_format"], expected, "{dialect:?}");
    }
    for (dialect, expected) in [
        (Dialect::OpenAi, json!({"type": "json_object"})),
        (Dialect::Tgi, json!({"type": "json_object", "value": {"type": "object"}})),
        (Dialect::Together, json!({"type": "json_object"})),
    ] {
        let request = hello().response_format(ResponseFormat::JsonObject).build().unwrap();
        assert_eq!(sent(request, dialect).await["response_format"], expected, "{dialect:?}");
    }
}

#[tokio::test]
async fn a_schema_keeps_the_order_of_its_properties() {
    let schema = json!({"type": "object", "properties": {"why": {}, "answer": {}, "also": {}}});
    let form = ResponseFormat::JsonSchema(OutputSchema::new("verdict", schema).unwrap());
    let sandbox = scripted(Script::json(200, GOOD)).await;
    driver(&sandbox).generate(hello().response_format(form).build().unwrap()).await.unwrap();
    let text = sandbox.requests()[0].text().to_owned();
    let at = |word: &str| text.find(word).unwrap();
    assert!(at("\"why\"") < at("\"answer\"") && at("\"answer\"") < at("\"also\""), "{text}");
}

#[tokio::test]
async fn a_schema_together_with_tools_is_rejected_for_tgi() {
    let sandbox = scripted(Script::json(200, GOOD)).await;
    let driver = settings(&sandbox).dialect(Dialect::Tgi).build().unwrap();
    let request = || hello().tools(vec![weather()]).response_format(verdict()).build().unwrap();
    for error in [failure(&driver, request()).await, stream_failure(&driver, request()).await] {
        assert_eq!(error.category(), ErrorCategory::Unsupported);
        assert!(
            error.to_string().contains("tools together with a response format cannot be sent"),
            "{error}"
        );
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn text_next_to_calls_is_omitted_if_the_server_would_drop_the_calls() {
    let calls = vec![ToolCall::new("call_1", "weather", "{}")];
    let turn = Message::assistant("Let me look.").with_tool_calls(calls);
    let request = || -> GenerateRequest {
        vec![Message::user("Hi"), turn.clone(), Message::tool("call_1", "18 °C")].into()
    };
    let body = sent(request(), Dialect::OpenAi).await;
    assert_eq!(body["messages"][1]["content"], "Let me look.");
    assert_eq!(body["messages"][1]["tool_calls"][0]["function"]["arguments"], "{}");
    let body = sent(request(), Dialect::Tgi).await;
    assert!(body["messages"][1].get("content").is_none(), "{body}");
    assert_eq!(body["messages"][1]["tool_calls"][0]["id"], "call_1");
}

#[tokio::test]
async fn reasoning_is_sent_back_only_if_it_is_set() {
    let answer = r#"{"choices":[{"message":{"content":"Venus","reasoning_content":"A shell."},"finish_reason":"stop"}]}"#;
    let sandbox = scripted(Script::json(200, answer)).await;
    let response = driver(&sandbox).generate("Hi".into()).await.unwrap();
    assert_eq!((&*response.text(), &*response.reasoning()), ("Venus", "A shell."));
    let turn = response.to_message();
    let without = sent(vec![turn.clone(), Message::user("And?")].into(), Dialect::OpenAi).await;
    assert_eq!(without["messages"][0], json!({"role": "assistant", "content": "Venus"}));
    let turn = turn.with_reasoning(response.reasoning());
    let with = sent(vec![turn, Message::user("And?")].into(), Dialect::OpenAi).await;
    assert_eq!(with["messages"][0]["reasoning_content"], "A shell.");
}

#[tokio::test]
async fn media_are_sent_as_content_parts() {
    let png = b"\x89PNG\r\n\x1a\n....".to_vec();
    let message = Message::user("Look")
        .with(Input::image(png).unwrap())
        .with(Input::image_url("https://example.org/duck.jpg?size=2"))
        .with(Input::audio(b"RIFF....WAVEfmt ".to_vec()).unwrap())
        .with(Input::audio(b"ID3\x04....".to_vec()).unwrap())
        .with(Input::document(b"%PDF-1.7".to_vec()).unwrap());
    let body = sent(message.into(), Dialect::OpenAi).await;
    let expected = json!([
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgouLi4u"}},
        {"type": "image_url", "image_url": {"url": "https://example.org/duck.jpg?size=2"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRi4uLi5XQVZFZm10IA==", "format": "wav"}},
        {"type": "input_audio", "input_audio": {"data": "SUQzBC4uLi4=", "format": "mp3"}},
        {"type": "file", "file": {
            "filename": "document.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjc=",
        }},
    ]);
    assert_eq!(body["messages"][0]["content"], expected);
}

#[test]
fn the_type_of_an_image_is_detected_from_its_first_bytes() {
    let kinds: [(&[u8], &str); 4] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    ];
    for (bytes, expected) in kinds {
        let Input::Image(MediaSource::Bytes { media_type, .. }) = Input::image(bytes).unwrap() else {
            panic!("no bytes")
        };
        assert_eq!(media_type, expected);
    }
    for bytes in [&b""[..], b"no image", b"RIFF\x10\0\0\0WAVEfmt ", b"%PDF-1.7", b"\x89PN"] {
        let error = Input::image(bytes).unwrap_err();
        assert!(error.to_string().contains("Give a PNG, JPEG, GIF or WebP"), "{error}");
    }
    let large = [b"GIF89a".to_vec(), vec![0; MediaSource::LARGEST]].concat();
    let error = Input::image(large).unwrap_err();
    assert!(error.to_string().contains("20 MiB is the most"), "{error}");
}

#[tokio::test]
async fn invalid_media_are_not_sent() {
    let sandbox = scripted(Script::json(200, GOOD)).await;
    let base64 = |media_type: &str, data: &str| MediaSource::Base64 {
        media_type: media_type.into(),
        data: data.into(),
    };
    for (input, words) in [
        (Input::Image(base64("image/png", "no base64!")), "it is not valid base64"),
        (
            Input::Image(base64("text/html", "PGI+")),
            "`media_type` cannot be \"text/html\" because it is not an image",
        ),
        (Input::image_url("/home/ada/duck.png"), "the service cannot fetch it"),
        (Input::image_url("data:text/html,<b>"), "the service cannot fetch it"),
        (Input::Image(base64("image/png", "")), "an image needs content"),
        (Input::Image(base64("image/png\r\nX: y", "PGI+")), "it is not a media type"),
        (Input::Audio(base64("image/png", "PGI+")), "it is not an audio type"),
    ] {
        let error = failure(&driver(&sandbox), Message::user("Look").with(input).into()).await;
        assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(sandbox.requests().is_empty());
    let secret =
        Input::image_url("ftp://ada:password@example.org/hf_abcdefghijklmnopqrstuvwxyz012345?sig=signed");
    let error = failure(&driver(&sandbox), Message::user("Look").with(secret).into()).await.to_string();
    assert!(error.contains("example.org"), "{error}");
    for part in ["ada", "password", "hf_abc", "signed"] {
        assert!(!error.contains(part), "{error}");
    }
}

#[test]
fn invalid_tools_and_response_formats_are_rejected_by_the_builder() {
    let named = |name: &str| ToolDefinition::without_arguments(name).unwrap_err().to_string();
    assert!(named("get weather").contains("letters, digits, _ and - only"));
    assert!(named("").contains("a function has a name"));
    assert!(named(&"x".repeat(65)).contains("longer than 64 characters"));
    for (schema, words) in [
        (json!("string"), "a JSON Schema is an object"),
        (json!([1]), "a JSON Schema is an object"),
        (json!({"type": "array"}), "the arguments of a tool are an object"),
        (json!({"type": "strange"}), "it is no type of JSON"),
        (json!({"type": "object", "properties": []}), "this keyword takes schemas by name"),
        (json!({"type": "object", "properties": {"a": {"type": 7}}}), "`tools.x.parameters.a` cannot be 7"),
        (json!({"type": "object", "required": "a"}), "`required` is a list of names"),
        (json!({"type": "object", "properties": {"a": {"enum": "b"}}}), "`enum` is a list"),
        (json!({"anyOf": {"type": "object"}}), "this keyword takes a list of schemas"),
    ] {
        let error = ToolDefinition::new("x", schema).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let deep = (0..100).fold(json!({}), |inner, _| json!({"properties": {"a": inner}}));
    assert!(OutputSchema::new("x", deep).unwrap_err().to_string().contains("deeper than 64"));
    assert!(OutputSchema::new("a form", json!({})).is_err());

    let calls = vec![ToolCall::new("call_1", "weather", "{}")];
    let called = Message::assistant("").with_tool_calls(calls);
    let cases = [
        (hello().n(0), "`n` cannot be 0"),
        (hello().top_logprobs(2), "services accept it only with `logprobs`"),
        (hello().logprobs(true).top_logprobs(21), "`top_logprobs` cannot be 21"),
        (hello().logit_bias(BTreeMap::from([(7, 101.0)])), "`logit_bias.7` cannot be 101"),
        (hello().logit_bias(BTreeMap::from([(7, f64::NAN)])), "`logit_bias.7` cannot be NaN"),
        (hello().tools(vec![weather(), weather()]), "`tools` cannot be \"weather\" twice"),
        (
            hello().tool_choice(ToolChoice::Required),
            "`tool_choice` cannot be \"required\" because there is no such tool",
        ),
        (
            hello().tools(vec![weather()]).tool_choice(ToolChoice::Function("clock".into())),
            "`tool_choice` cannot be \"clock\"",
        ),
        (
            GenerateRequest::builder().messages(vec![Message::tool("call_1", "18 °C")]),
            "`messages[0].content` cannot be the result of \"call_1\" because no assistant message before it has that call",
        ),
        (
            GenerateRequest::builder().messages(vec![Message::tool("call_1", "18 °C"), called]),
            "`messages[0].content` cannot be the result",
        ),
    ];
    for (builder, words) in cases {
        let error = builder.build().unwrap_err();
        assert_eq!(error.category(), ErrorCategory::InvalidRequest);
        assert!(error.to_string().contains(words), "{error}");
    }
}

fn event(choice: u32, delta: &Value, reason: Option<&str>) -> String {
    let choice = json!({"index": choice, "delta": delta, "finish_reason": reason});
    format!("data: {}\n\n", json!({"choices": [choice]}))
}

fn text(choice: u32, text: &str) -> String {
    event(choice, &json!({"content": text}), None)
}

#[tokio::test]
async fn several_choices_are_complete_only_if_each_choice_is() {
    let two = || hello().n(2).build().unwrap();
    let end = |choice| event(choice, &json!({}), Some("stop"));
    let whole = [text(0, "One"), text(1, "Two"), end(0), text(1, "!"), end(1)].concat();
    let response = folded(&driver(&scripted(Script::sse(whole)).await), two()).await;
    assert_eq!((&*response.text(), &*response.alternatives()[0].text()), ("One", "Two!"));
    assert!(response.warnings().is_empty());

    // If the connection breaks, the second choice has not started, or has not ended.
    for events in [
        vec![text(0, "One"), end(0)],
        vec![text(0, "One"), text(1, "Two"), end(0)],
        vec![text(1, "Two"), end(1), text(0, "One")],
    ] {
        let script = Script::stream(200, "text/event-stream").piece(events.concat()).cut();
        let (chunks, error) = collect(&driver(&scripted(script).await), two()).await;
        let error = error.unwrap_or_else(|| panic!("{events:?} passed for an answer: {chunks:?}"));
        let partial = error.partial().unwrap();
        let others: String = partial.alternatives().iter().map(PartialResponse::text).collect();
        let arrived: String = events.concat().matches("Two").collect();
        assert_eq!((partial.text(), others), ("One", arrived), "{events:?}");
    }
}

#[tokio::test]
async fn fewer_choices_than_requested_cause_a_warning() {
    let three = || hello().n(3).build().unwrap();
    let plain = driver(&scripted(Script::json(200, GOOD)).await).generate(three()).await.unwrap();
    let events = [text(0, "ok"), event(0, &json!({}), Some("stop")), "data: [DONE]\n\n".into()].concat();
    let streamed = folded(&driver(&scripted(Script::sse(events)).await), three()).await;
    for response in [plain, streamed] {
        assert_eq!(response.text(), "ok");
        assert_eq!(response.warnings(), ["the request asked for 3 choices, the response has 1"]);
    }
}

#[tokio::test]
async fn the_text_of_a_chunk_belongs_to_the_first_choice() {
    let events = [text(0, "One"), text(1, "Two"), event(0, &json!({}), Some("stop"))].concat();
    let events = events + &event(1, &json!({}), Some("length"));
    let (chunks, error) =
        collect(&driver(&scripted(Script::sse(events)).await), hello().n(2).build().unwrap()).await;
    assert!(error.is_none());
    let texts: Vec<_> = chunks.iter().map(|chunk| (chunk.choice(), chunk.text())).collect();
    assert_eq!(texts, [(0, "One"), (1, ""), (0, "")]);
}

#[tokio::test]
async fn no_choice_is_lost_under_any_numbering() {
    for (n, numbers) in
        [(2, vec![5, 6]), (3, vec![0, 7, 8]), (2, vec![1, 2]), (1, vec![1, 0]), (2, vec![1, 0])]
    {
        let event =
            |number: &u32| text(*number, &format!("<{number}>")) + &event(*number, &json!({}), Some("stop"));
        let events: String = numbers.iter().map(event).collect();
        let request = hello().n(n).build().unwrap();
        let response = folded(&driver(&scripted(Script::sse(events)).await), request).await;
        let mut texts: Vec<_> =
            response.alternatives().iter().map(|choice| choice.text().into_owned()).collect();
        texts.push(response.text().into_owned());
        let mut expected: Vec<_> = numbers.iter().map(|number| format!("<{number}>")).collect();
        texts.sort();
        expected.sort();
        assert_eq!(texts, expected, "n {n}, numbers {numbers:?}");
        assert!(!response.text().is_empty() && response.warnings().is_empty(), "{response:?}");
    }
}

#[tokio::test]
async fn calls_in_older_and_unusual_formats_keep_their_arguments() {
    let message = |message: Value| json!({"choices": [{"message": message, "finish_reason": "stop"}]});
    let call = |call: Value| message(json!({"tool_calls": [call]}));
    for (body, expected) in [
        (message(json!({"function_call": {"name": "f", "arguments": "{\"a\":1}"}})), "f({\"a\":1})"),
        (call(json!({"id": "1", "function": {"name": "f", "parameters": {"a": 1}}})), "f({\"a\":1})"),
        (call(json!({"id": "1", "name": "f", "arguments": {"a": 1}})), "f({\"a\":1})"),
        (call(json!({"id": "1", "function": {"name": "f", "arguments": ["only"]}})), "f([\"only\"])"),
        (call(json!({"id": "1", "function": {"name": "f", "arguments": 5}})), "f(5)"),
    ] {
        let response =
            driver(&scripted(Script::json(200, body.clone())).await).generate("Hi".into()).await.unwrap();
        let calls: Vec<_> = response.tool_calls().map(ToString::to_string).collect();
        assert_eq!(calls, [expected], "{body}");
    }
}

#[tokio::test]
async fn text_is_read_from_every_content_part() {
    let of = |part: Value| {
        let body = json!({"choices": [{"message": {"content": [part]}, "finish_reason": "stop"}]});
        async { driver(&scripted(Script::json(200, body)).await).generate("Hi".into()).await.unwrap() }
    };
    assert_eq!(of(json!({"type": "output_text", "content": "hey"})).await.text(), "hey");
    assert_eq!(of(json!({"type": "refusal", "refusal": "no"})).await.refusal(), Some("no"));
    let marked = text(0, "Look: ") + &event(0, &json!({"content": "<|x|> Hello <|y|>"}), Some("eos_token"));
    let response = folded(&driver(&scripted(Script::sse(marked)).await), "Hi".into()).await;
    assert_eq!(response.text(), "Look: <|x|> Hello <|y|>");
}

#[tokio::test]
async fn an_unknown_finish_reason_causes_a_warning() {
    let body = json!({"choices": [{"message": {"content": "half"}, "finish_reason": "half_time"}]});
    let response = driver(&scripted(Script::json(200, body)).await).generate("Hi".into()).await.unwrap();
    assert_eq!(
        response.warnings(),
        ["the service ended the response with \"half_time\", so it may be incomplete"]
    );
}

#[test]
fn a_stored_request_with_a_typo_is_rejected() {
    let stored = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"max_tokns":5}"#;
    let error = serde_json::from_str::<GenerateRequest>(stored).unwrap_err();
    assert!(error.to_string().contains("max_tokns"), "{error}");
}
