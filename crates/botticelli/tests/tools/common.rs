//! Helpers of the tests of tools: a driver for a sandbox, and responses that call tools.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use botticelli::schemars::JsonSchema;
use botticelli::{DriverExt, HuggingFaceDriver, ToolLimits, ToolRun, Tools};
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const MODEL: &str = "openai/gpt-oss-20b";

/// Arguments for [`Weather`].
pub(crate) const FLORENCE: &str = r#"{"city":"Florence"}"#;

/// The weather in a city
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "botticelli::schemars")]
pub(crate) struct Weather {
    /// The city's name
    pub(crate) city: String,
}

/// The one tool that most tests need.
pub(crate) fn weather() -> Tools {
    Tools::new().with("weather", |w: Weather| async move { format!("It rains in {}", w.city) })
}

pub(crate) fn driver(sandbox: &Sandbox) -> HuggingFaceDriver {
    HuggingFaceDriver::builder(MODEL).base_url(sandbox.base_url()).token(Sandbox::TOKEN).build().unwrap()
}

/// The same with the prices of the sandbox's catalog.
pub(crate) fn priced(sandbox: &Sandbox) -> HuggingFaceDriver {
    let driver = HuggingFaceDriver::builder(MODEL).base_url(sandbox.base_url()).token(Sandbox::TOKEN);
    driver.catalog_prices(true).build().unwrap()
}

/// Awaits `future` with a long timeout, so that a test that would hang fails instead.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), future).await.unwrap()
}

/// Runs the tools to the end.
pub(crate) async fn run(sandbox: &Sandbox, tools: &Tools) -> ToolRun {
    soon(driver(sandbox).run_tools("Rain?".into(), tools, ToolLimits::default())).await.unwrap()
}

/// Starts a sandbox with these responses, one after the other.
pub(crate) async fn scripted(scripts: impl IntoIterator<Item = Script>) -> Sandbox {
    scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap()
}

fn answer(message: &Value, reason: &str) -> Script {
    let choices = json!([{ "index": 0, "message": message, "finish_reason": reason }]);
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15 });
    Script::json(200, json!({ "id": "1", "model": MODEL, "choices": choices, "usage": usage }))
        .header("x-inference-provider", "groq")
}

/// A response with calls: id, name, arguments.
pub(crate) fn calls(calls: &[(&str, &str, &str)]) -> Script {
    calls_saying(None, calls)
}

pub(crate) fn calls_saying(text: Option<&str>, calls: &[(&str, &str, &str)]) -> Script {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(id, name, arguments)| {
            json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } })
        })
        .collect();
    answer(&json!({ "role": "assistant", "content": text, "tool_calls": calls }), "tool_calls")
}

pub(crate) fn says(text: &str) -> Script {
    answer(&json!({ "role": "assistant", "content": text }), "stop")
}

/// The messages of the call with this number, from 0.
pub(crate) fn sent(sandbox: &Sandbox, number: usize) -> Vec<Value> {
    sandbox.requests().get(number).unwrap().body()["messages"].as_array().unwrap().clone()
}

/// Returns the last message that the model received.
pub(crate) fn result_text(sandbox: &Sandbox) -> String {
    let requests = sandbox.requests();
    let message = requests.last().unwrap().body()["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(message["role"], "tool", "{message}");
    message["content"].as_str().unwrap().to_owned()
}
