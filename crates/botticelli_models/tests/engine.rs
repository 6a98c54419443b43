//! The conformance list against any server with chat completions. Run it with `just test-engine`; see CONTRIBUTING.md.
#![cfg(feature = "huggingface")]
#![allow(clippy::print_stdout, reason = "the report is what it is run for")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

use botticelli_core::{
    CompletionRequest, GenerateRequest, GenerateRequestBuilder, GenerateResponse, Message, OutputSchema,
    ResponseFormat, ToolDefinition,
};
use botticelli_interface::conformance::{self, Subject};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_models::huggingface::HuggingFaceDriver;
use futures::StreamExt;
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn driver(url: &str, model: &str, key: Option<&str>) -> HuggingFaceDriver {
    let builder = HuggingFaceDriver::builder(model).base_url(url);
    let builder = match key {
        Some(key) => builder.token(key),
        None => builder,
    };
    builder.build().unwrap()
}

/// The engine that the variables name.
struct Engine {
    url: String,
    model: String,
    key: Option<String>,
}

impl Engine {
    fn named() -> Self {
        let url = variable("BOTTICELLI_ENGINE_URL");
        let model = variable("BOTTICELLI_ENGINE_MODEL");
        Self {
            url: url.expect("set BOTTICELLI_ENGINE_URL, as http://127.0.0.1:8080/v1"),
            model: model.expect("set BOTTICELLI_ENGINE_MODEL to a model that it serves"),
            key: variable("BOTTICELLI_ENGINE_KEY"),
        }
    }

    fn driver(&self) -> Arc<dyn BotticelliDriver> {
        Arc::new(self.completing())
    }

    fn completing(&self) -> HuggingFaceDriver {
        driver(&self.url, &self.model, self.key.as_deref())
    }
}

#[tokio::test]
#[ignore = "asks the server at BOTTICELLI_ENGINE_URL: just test-engine"]
async fn an_engine_passes_the_conformance_list() {
    let engine = Engine::named();
    let Engine { url, model, key } = &engine;
    let mut subject = Subject::new(engine.driver());
    if key.is_some() {
        subject = subject.with_wrong_key(Arc::new(driver(url, model, Some("a-wrong-key"))));
    }
    if let Some(unknown) = variable("BOTTICELLI_ENGINE_UNKNOWN_MODEL") {
        subject = subject.with_unknown_model(unknown);
    }
    let report = conformance::run(&subject).await;
    println!("{model} at {url}\n{report}");
    assert_eq!(report.failures().count(), 0, "{report}");
}

/// A short request, to which each check adds an option.
fn short() -> GenerateRequestBuilder {
    GenerateRequest::builder()
        .messages(vec![Message::user("What is the weather in Florence?")])
        .max_tokens(64)
}

/// Sends a request plain and streamed. Both responses must be equal if sampling is deterministic.
async fn twice(
    driver: &Arc<dyn BotticelliDriver>,
    request: GenerateRequest,
) -> Result<GenerateResponse, String> {
    let plain = driver.generate(request.clone()).await.map_err(|error| error.to_string())?;
    let mut stream = driver.generate_stream(request).await.map_err(|error| error.to_string())?;
    let mut streamed = None;
    while let Some(chunk) = stream.next().await {
        streamed = chunk.map_err(|error| error.to_string())?.into_response().or(streamed);
    }
    let streamed = streamed.expect("a stream ends in a final chunk");
    let words = |response: &GenerateResponse| {
        let calls: Vec<_> = response.tool_calls().map(ToString::to_string).collect();
        (response.text().trim().to_owned(), response.reasoning().trim().to_owned(), calls)
    };
    assert_eq!(words(&plain), words(&streamed), "plain and streamed differ");
    Ok(plain)
}

#[tokio::test]
#[ignore = "asks the server at BOTTICELLI_ENGINE_URL: just test-engine"]
async fn the_features_of_an_engine_are_tested() {
    let engine = Engine::named();
    let driver = engine.driver();
    let print_row = |what: &str, streamed_text: String| println!("{what:<10} {streamed_text}");
    let deterministic = |builder: GenerateRequestBuilder| builder.temperature(0.0).seed(7).build().unwrap();

    let parameters =
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let weather = ToolDefinition::new("get_weather", parameters).unwrap();
    match twice(&driver, deterministic(short().tools(vec![weather]))).await {
        Ok(answer) => match answer.tool_calls().next() {
            Some(call) => {
                let arguments: Value = call.arguments().unwrap();
                assert!(arguments.is_object(), "{call}");
                let result = Message::tool(call.id(), "18 °C and dry");
                let next = deterministic(short()).with_message(answer.to_message()).with_message(result);
                let next = twice(&driver, next).await;
                print_row(
                    "tools",
                    format!("{call}; after its result: {:?}", next.map(|a| a.text().into_owned())),
                );
            }
            None => print_row("tools", "were not called".into()),
        },
        Err(refusal) => print_row("tools", refusal),
    }

    let schema = json!({"type": "object", "properties": {"ok": {"type": "boolean"}, "n": {"type": "integer"}},
                        "required": ["ok", "n"], "additionalProperties": false});
    let form = ResponseFormat::JsonSchema(OutputSchema::new("verdict", schema).unwrap().with_strict(true));
    match twice(&driver, deterministic(short().response_format(form))).await {
        Ok(answer) => match answer.json::<Value>() {
            Ok(value) => {
                assert!(value["ok"].is_boolean() && value["n"].is_number(), "{value}");
                print_row("schema", format!("kept to: {value}"));
            }
            Err(_) => print_row("schema", "was not kept to, and the answer is no JSON".into()),
        },
        Err(refusal) => print_row("schema", refusal),
    }

    match twice(&driver, deterministic(short().logprobs(true).top_logprobs(2))).await {
        Ok(answer) => match answer.logprobs() {
            Some(logprobs) => {
                assert!(!logprobs.tokens.is_empty(), "{logprobs:?}");
                assert!(logprobs.tokens.iter().all(|token| token.logprob <= 0.0), "{logprobs:?}");
                print_row("logprobs", format!("{} tokens", logprobs.tokens.len()));
            }
            None => print_row("logprobs", "were not given".into()),
        },
        Err(refusal) => print_row("logprobs", refusal),
    }

    let text =
        CompletionRequest::builder().prompt("One, two,").max_tokens(8).temperature(0.0).build().unwrap();
    match engine.completing().complete(text.clone()).await {
        Ok(answer) => {
            let mut stream = engine.completing().complete_stream(text).await.unwrap();
            let mut streamed_text = String::new();
            while let Some(chunk) = stream.next().await {
                streamed_text.push_str(chunk.unwrap().text());
            }
            assert_eq!(answer.text(), streamed_text, "plain and streamed differ");
            print_row("text", format!("gone on with: {streamed_text:?}"));
        }
        Err(refusal) => print_row("text", refusal.to_string()),
    }

    let seeded = || short().temperature(1.0).seed(11).build().unwrap();
    let (one, other) = (driver.generate(seeded()).await.unwrap(), driver.generate(seeded()).await.unwrap());
    print_row("seed", if one.text() == other.text() { "kept to".into() } else { "not kept to".into() });

    let whole = driver.generate(deterministic(short())).await.unwrap().text().into_owned();
    match whole.char_indices().nth(4).and_then(|(at, _)| whole.get(at..)?.chars().next()) {
        Some(stop) => {
            let request = deterministic(short().stop(vec![stop.to_string()]));
            let cut = driver.generate(request).await.unwrap().text().into_owned();
            assert!(whole.starts_with(&cut) && cut.len() < whole.len(), "{cut:?} of {whole:?}");
            print_row("stop", format!("at {stop:?}: {cut:?}"));
        }
        None => print_row("stop", "the answer is too short for one".into()),
    }
}

#[tokio::test]
#[ignore = "kills the process BOTTICELLI_ENGINE_PID, which serves at BOTTICELLI_ENGINE_URL: just test-engine"]
async fn the_partial_response_is_kept_when_the_engine_is_killed() {
    let Some(process) = variable("BOTTICELLI_ENGINE_PID") else {
        return println!("skipped: BOTTICELLI_ENGINE_PID names no process to kill");
    };
    let request = short().max_tokens(2000).temperature(1.0).build().unwrap();
    let mut stream = Engine::named().driver().generate_stream(request).await.unwrap();
    let mut streamed_text = String::new();
    let error = loop {
        match stream.next().await.expect("one end") {
            Ok(chunk) if chunk.is_final() => {
                panic!("it had answered before it was killed: {streamed_text:?}")
            }
            Ok(chunk) => streamed_text.push_str(chunk.text()),
            Err(error) => break error,
        }
        if streamed_text.len() > 40 {
            Command::new("kill").args(["-9", &process]).status().unwrap();
        }
    };
    assert!(stream.next().await.is_none(), "an item followed the error");
    let partial = error.partial().expect("what had arrived");
    assert!(
        partial.text().starts_with(&streamed_text) && !streamed_text.is_empty(),
        "{partial:?} after {streamed_text:?}"
    );
    assert!(error.is_retryable() && error.may_be_billed(), "{error:?}");
    println!("killed after {} bytes: {error}", partial.text().len());
}
