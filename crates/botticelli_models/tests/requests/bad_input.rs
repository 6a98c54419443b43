//! Invalid input: rejected before anything is sent, with a message that names the remedy.

use crate::common::{driver, failure, stream_failure};
use botticelli_core::{
    GenerateRequest, GenerateRequestBuilder, Input, MediaSource, Message, ReasoningEffort, ResponseFormat,
    Role, ToolChoice, ToolDefinition,
};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceDriver;
use botticelli_sandbox::Sandbox;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

fn hello() -> GenerateRequestBuilder {
    GenerateRequest::builder().messages(vec![Message::user("Hello")])
}

fn extra(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

#[test]
fn invalid_values_are_rejected_by_the_builder() {
    let cases: Vec<(GenerateRequestBuilder, &str)> = vec![
        (GenerateRequest::builder(), "GenerateRequest: `messages` is missing. Give at least one"),
        (GenerateRequest::builder().messages(vec![]), "`messages` is missing"),
        (
            hello().max_tokens(0),
            "`max_tokens` cannot be 0 because a response has at least one token. Give 1 or more",
        ),
        (hello().temperature(f64::NAN), "`temperature` cannot be NaN because it is not a finite number"),
        (hello().temperature(f64::INFINITY), "`temperature` cannot be inf because it is not a finite number"),
        (
            hello().temperature(f64::NEG_INFINITY),
            "`temperature` cannot be -inf because it is not a finite number",
        ),
        (
            hello().temperature(-0.5),
            "`temperature` cannot be -0.5 because it is out of range. Give 0 or more",
        ),
        (hello().top_p(0.0), "`top_p` cannot be 0 because it is out of range. Give above 0 and up to 1"),
        (hello().top_p(1.5), "`top_p` cannot be 1.5"),
        (hello().top_p(f64::NAN), "`top_p` cannot be NaN"),
        (hello().frequency_penalty(2.5), "`frequency_penalty` cannot be 2.5"),
        (hello().presence_penalty(-3.0), "`presence_penalty` cannot be -3"),
        (hello().stop(vec![String::new()]), "`stop` cannot be an empty text"),
        (
            hello().extra(extra("temperature", json!(1))),
            "`extra.temperature` cannot be set because it has its own setting",
        ),
        (hello().extra(extra("messages", json!([]))), "`extra.messages` cannot be set"),
    ];
    for (builder, words) in cases {
        let error = builder.build().unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.category(), ErrorCategory::InvalidRequest);
        assert!(!error.is_retryable());
    }
}

#[test]
fn every_typed_field_is_protected_from_extra() {
    // What serialises is what is typed: a field that is added and not protected fails here.
    let request = hello()
        .model("m")
        .max_tokens(1)
        .temperature(1.0)
        .top_p(0.5)
        .stop(vec!["x".into()])
        .seed(1)
        .frequency_penalty(0.0)
        .presence_penalty(0.0)
        .n(1)
        .logprobs(true)
        .top_logprobs(1)
        .logit_bias(BTreeMap::from([(7, -1.0)]))
        .tools(vec![ToolDefinition::without_arguments("clock").unwrap()])
        .tool_choice(ToolChoice::Auto)
        .parallel_tool_calls(false)
        .response_format(ResponseFormat::JsonObject)
        .reasoning_effort(ReasoningEffort::Low)
        .user("ada")
        .extra(extra("other", json!(1)))
        .build()
        .unwrap();
    let Value::Object(fields) = serde_json::to_value(request).unwrap() else { panic!("no object") };
    let mut names: Vec<_> = fields.keys().map(String::as_str).filter(|name| *name != "extra").collect();
    let mut typed: Vec<_> = GenerateRequest::typed_fields().collect();
    names.sort_unstable();
    typed.sort_unstable();
    assert_eq!(names, typed);
    // The guide has a row for each, and for no other.
    let guide = include_str!("../../../../HUGGINGFACE.md");
    let section = guide.split("## Parameters").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut documented: Vec<_> = rows.collect();
    documented.sort_unstable();
    assert_eq!(documented, typed);
}

#[test]
fn a_message_requires_a_role_and_content() {
    let error = Message::builder().content(vec!["Hello".into()]).build().unwrap_err();
    assert!(error.to_string().starts_with("Message: `role` is missing. Set one"), "{error}");
    let error = Message::builder().role(Role::User).build().unwrap_err();
    assert!(error.to_string().starts_with("Message: `content` is missing"), "{error}");
}

#[tokio::test]
async fn an_invalid_request_is_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    let stored = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"max_tokens":0}"#;
    let cases: Vec<(GenerateRequest, ErrorCategory, &str)> = vec![
        (Vec::<Message>::new().into(), ErrorCategory::InvalidRequest, "`messages` is missing"),
        (serde_json::from_str(stored).unwrap(), ErrorCategory::InvalidRequest, "`max_tokens` cannot be 0"),
        (
            hello().extra(extra("stream", json!(true))).build().unwrap(),
            ErrorCategory::InvalidRequest,
            "`extra.stream`",
        ),
        (
            Message::builder().role(Role::Tool).content(vec!["18 °C".into()]).build().unwrap().into(),
            ErrorCategory::InvalidRequest,
            "a tool message must name the call it responds to",
        ),
    ];
    for (request, category, words) in cases {
        for error in [failure(&driver, request.clone()).await, stream_failure(&driver, request).await] {
            assert_eq!(error.category(), category, "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn an_error_names_an_unsupported_input() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = || MediaSource::Url("https://example.org/x".into());
    for (input, words) in [
        (Input::Video(url()), "huggingface: a video input cannot be sent. Use text, images"),
        (Input::Audio(url()), "an audio input by URL cannot be sent. Pass it as bytes"),
        (Input::Document(url()), "a document input by URL cannot be sent. Pass it as bytes"),
    ] {
        let error = failure(&driver(&sandbox), Message::user("Look").with(input).into()).await;
        assert_eq!(error.category(), ErrorCategory::Unsupported);
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(sandbox.requests().is_empty());
}

const BAD_NAMES: &[(&str, &str)] = &[
    ("", "is empty"),
    ("org/model\n", "control character"),
    ("org/\u{0}model", "control character"),
    (" org/model", "contains white space"),
    ("org/model\u{a0}", "contains white space"),
    ("../../admin", "contains the part .. or ."),
    ("org/..", "contains the part .. or ."),
    ("org/./model", "contains the part .. or ."),
    ("org/model?x=1", "one of ? #"),
    ("org/model#x", "one of ? #"),
    ("org/%2e%2e", "one of ? #"),
    ("org\\model", "one of ? #"),
    (":cheapest", "nothing before its colon"),
    ("org/model:", "nothing after its colon"),
];

#[tokio::test]
async fn an_invalid_model_name_is_rejected() {
    let sandbox = Sandbox::start().await.unwrap();
    let good = driver(&sandbox);
    for (name, reason) in BAD_NAMES {
        let built = HuggingFaceDriver::new("hf_x", *name).unwrap_err();
        let called = failure(&good, hello().model(*name).build().unwrap()).await;
        let looked_up = botticelli_interface::BotticelliDriver::model_info(&good, name).await.unwrap_err();
        for error in [built, called, looked_up] {
            assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{name:?}: {error}");
            assert!(error.to_string().contains(reason), "{name:?}: {error}");
            assert!(error.to_string().contains("org/name"), "{error}");
            assert!(!error.to_string().contains(char::is_control), "{error:?}");
        }
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_model_name_with_blanks_is_rejected_only_at_the_router() {
    for name in ["Meta Llama 3.1 8B Instruct", "org/my model", "my model:latest"] {
        let at_the_router =
            HuggingFaceDriver::builder(name).token("hf_x").environment(Environment::empty()).build();
        let error = at_the_router.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::InvalidRequest, "{name}: {error}");
        assert!(error.to_string().contains("contains white space"), "{name}: {error}");
        let through_a_provider = HuggingFaceDriver::builder(name).token("hf_x").provider("groq").build();
        assert!(through_a_provider.unwrap_err().to_string().contains("contains white space"), "{name}");

        let answer = r#"{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}"#;
        let sandbox = crate::common::scripted(botticelli_sandbox::Script::json(200, answer)).await;
        let driver = crate::common::settings(&sandbox).model(name).build().unwrap();
        botticelli_interface::BotticelliDriver::generate(&driver, "Hi".into()).await.unwrap();
        crate::common::folded(&crate::common::driver(&sandbox), hello().model(name).build().unwrap()).await;
        for request in sandbox.requests() {
            assert_eq!(request.body()["model"], name);
        }
        let _ = botticelli_interface::BotticelliDriver::model_info(&driver, name).await;
        assert!(!sandbox.requests().last().unwrap().path().contains(' '));
    }
}

#[test]
fn model_names_of_real_servers_are_accepted() {
    for name in [
        "gpt2",
        "org/model",
        "org/model:groq",
        "tiny-llama@main",
        "/data/models/llama",
        "llama3:8b",
        "a.b/c..d",
    ] {
        assert!(HuggingFaceDriver::new("hf_x", name).is_ok(), "{name}");
    }
}

fn at(base_url: &str) -> Result<HuggingFaceDriver, BotticelliError> {
    HuggingFaceDriver::builder("org/model")
        .base_url(base_url)
        .token("hf_secret")
        .environment(Environment::empty())
        .build()
}

#[test]
fn an_invalid_base_url_is_rejected() {
    for (base_url, words) in [
        ("", "is not a URL"),
        ("not a url", "is not a URL"),
        ("router.huggingface.co/v1", "is not a URL"),
        ("ftp://example.org", "not an http or https address"),
        ("file:///etc/passwd", "not an http or https address"),
        ("localhost:8080", "not an http or https address"),
        ("http://", "is not a URL"),
        ("https://me:pa55word@example.org/v1", "a user name or a password"),
    ] {
        let error = at(base_url).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Configuration, "{base_url}");
        assert!(error.to_string().starts_with("`base_url`: "), "{error}");
        assert!(error.to_string().contains(words), "{base_url}: {error}");
        assert!(!format!("{error} {error:?}").contains("pa55word"), "{error:?}");
    }
}

#[test]
fn a_token_does_not_cross_the_network_in_plain_text() {
    for far in [
        "http://example.org/v1",
        "http://192.168.1.7:8080",
        "http://router.huggingface.co/v1",
        "http://128.0.0.1",
    ] {
        let error = at(far).unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Configuration, "{far}");
        assert!(error.to_string().contains("in plain text"), "{error}");
        assert!(!format!("{error:?}").contains("hf_secret"));
    }
    for near in [
        "http://127.0.0.1:1/v1",
        "http://127.9.9.9",
        "http://localhost:8080",
        "http://[::1]:8080/v1",
        "https://example.org",
    ] {
        assert!(at(near).is_ok(), "{near}");
    }
}

#[test]
fn an_organization_that_is_invalid_in_a_header_is_rejected() {
    for name in ["", "my\norg", "my\r\nx-evil: 1", "é"] {
        let driver = HuggingFaceDriver::builder("org/model").token("hf_x").bill_to(name).build();
        let error = driver.unwrap_err();
        assert!(error.to_string().starts_with("`bill_to`: "), "{error}");
    }
}
