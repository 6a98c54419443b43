//! The canonical form of a request: the same bytes for the same request, and no secret.

use crate::common::{MODEL, settings};
use botticelli_core::{
    CompletionRequest, GenerateRequest, GenerationConfig, RetryConfig, RetryGate, Timeouts, ToolDefinition,
};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_models::Environment;
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver, HuggingFaceDriverBuilder};
use botticelli_sandbox::Sandbox;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;

const TOKEN: &str = "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH";

fn builder() -> HuggingFaceDriverBuilder {
    HuggingFaceDriver::builder(MODEL).token(TOKEN).environment(Environment::empty())
}

fn canonical(driver: &HuggingFaceDriver, request: &GenerateRequest) -> String {
    String::from_utf8(driver.canonical_request(request).unwrap().unwrap()).unwrap()
}

fn canonical_text(driver: &HuggingFaceDriver, request: &CompletionRequest) -> String {
    String::from_utf8(driver.canonical_completion(request).unwrap().unwrap()).unwrap()
}

#[test]
fn the_canonical_form_has_address_body_defaults_and_payer() {
    let defaults = GenerationConfig::default().with_temperature(0.5);
    let driver = builder().generation(defaults).bill_to("my-org").build().unwrap();
    let request = GenerateRequest::from("Hi").with_model("org/model:cheapest").with_max_tokens(5);
    assert_eq!(
        canonical(&driver, &request),
        "https://router.huggingface.co/v1/chat/completions\n\
         {\"model\":\"org/model:cheapest\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":5,\
         \"temperature\":0.5}\n\
         bill_to: my-org"
    );
}

#[tokio::test]
async fn the_canonical_form_is_the_request_that_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = settings(&sandbox).build().unwrap();
    let request = GenerateRequest::from("Hi").with_max_tokens(5).with_user("me");
    let text = CompletionRequest::from("Hi").with_max_tokens(5).with_model("google/gemma-2b");
    driver.generate(request.clone()).await.unwrap();
    driver.complete(text.clone()).await.unwrap();
    let sent: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|sent| format!("{}{}\n{}", sandbox.origin(), sent.path(), sent.text()))
        .collect();
    assert_eq!([canonical(&driver, &request), canonical_text(&driver, &text)], sent.as_slice());
}

#[tokio::test]
async fn a_text_completion_of_text_generation_inference_has_its_own_address_and_body() {
    let sandbox = Sandbox::builder().with_dialect(botticelli_sandbox::Dialect::Tgi3).start().await.unwrap();
    let driver = settings(&sandbox).dialect(Dialect::Tgi).build().unwrap();
    let request = CompletionRequest::from("Hi");
    driver.complete(request.clone()).await.unwrap();
    let sent = sandbox.requests().pop().unwrap();
    assert_eq!(
        canonical_text(&driver, &request),
        format!("{}{}\n{}", sandbox.origin(), sent.path(), sent.text())
    );
}

#[test]
fn the_canonical_form_ignores_settings_without_effect_on_the_response() {
    let request = GenerateRequest::from("Hi");
    let gate = RetryGate::new(|_| Box::pin(async { Ok(()) }));
    let expected = canonical(&builder().build().unwrap(), &request);
    for other in [
        request.clone().with_timeouts(Timeouts::default().with_total(Duration::from_secs(1))),
        request.clone().with_retry_gate(gate.clone()),
        request.clone().with_model(MODEL),
        request.clone().with_without_defaults(true),
    ] {
        assert_eq!(canonical(&builder().build().unwrap(), &other), expected);
    }
    for driver in [
        builder().retry(RetryConfig::never()),
        builder().token("hf_another_token_abcdefghijklmnopqrst"),
        builder().timeouts(Timeouts::default().with_total(Duration::from_secs(1))),
        builder().choose_provider(true),
    ] {
        assert_eq!(canonical(&driver.build().unwrap(), &request), expected);
    }
    let text = CompletionRequest::from("Hi");
    let expected = canonical_text(&builder().build().unwrap(), &text);
    assert_eq!(canonical_text(&builder().build().unwrap(), &text.with_retry_gate(gate)), expected);
}

#[test]
fn the_canonical_form_changes_with_settings_that_change_the_response() {
    let request = GenerateRequest::from("Hi");
    let tool = ToolDefinition::without_arguments("look").unwrap();
    let requests = [
        request.clone(),
        GenerateRequest::from("Hi "),
        request.clone().with_model("openai/gpt-oss-20b:groq"),
        request.clone().with_max_tokens(5),
        request.clone().with_temperature(0.0),
        request.clone().with_seed(1),
        request.clone().with_n(2),
        request.clone().with_tools(vec![tool]),
    ];
    let driver = builder().build().unwrap();
    let mut all: HashSet<String> = requests.iter().map(|request| canonical(&driver, request)).collect();
    assert_eq!(all.len(), requests.len());
    let drivers = [
        builder().bill_to("org"),
        builder().bill_to("other"),
        builder().provider("groq"),
        builder().base_url("http://127.0.0.1:8080/v1"),
        builder().base_url("http://127.0.0.1:8080/v1?deployment=a"),
        builder().base_url("http://127.0.0.1:8080/v1?deployment=b"),
        builder().base_url("https://127.0.0.1:8080/v1"),
    ];
    let count = all.len() + drivers.len();
    all.extend(drivers.into_iter().map(|driver| canonical(&driver.build().unwrap(), &request)));
    assert_eq!(all.len(), count);
}

#[test]
fn the_canonical_form_has_no_secret() {
    let secret = "sup3rs3cr3tvalu3";
    let addresses = [
        format!("http://127.0.0.1:8080/v1?api-key={secret}&api-version=2"),
        format!("http://127.0.0.1:8080/v1?subscription_KEY={secret}"),
        format!("http://127.0.0.1:8080/v1?x={TOKEN}"),
        format!("http://127.0.0.1:8080/{TOKEN}/v1"),
    ];
    for address in addresses {
        let driver = builder().base_url(&*address).build().unwrap();
        for form in
            [canonical(&driver, &"Hi".into()), canonical_text(&driver, &CompletionRequest::from("Hi"))]
        {
            assert!(!form.contains(secret) && !form.contains(TOKEN), "{form}");
            assert_eq!(form.contains("?api-version=2"), address.contains("version"), "{form}");
        }
    }
}

#[test]
fn each_part_of_the_canonical_form_is_one_line() {
    let driver = builder().bill_to("org").build().unwrap();
    let form = canonical(&driver, &"a\nb\r\nc\u{2028}d".into());
    let [_, body, _] = form.split('\n').collect::<Vec<_>>()[..] else { panic!("{form}") };
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["messages"][0]["content"], "a\nb\r\nc\u{2028}d");
}

#[test]
fn an_invalid_request_has_no_canonical_form() {
    let driver = builder().build().unwrap();
    assert!(driver.canonical_request(&GenerateRequest::from(Vec::new())).is_err());
    assert!(driver.canonical_request(&GenerateRequest::from("Hi").with_model("a b")).is_err());
    assert!(driver.canonical_completion(&CompletionRequest::from("")).is_err());
}
