//! Drivers of tasks for a sandbox.

use crate::common::settings;
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceTasks, TaskApi};
use botticelli_sandbox::{Sandbox, Script};
use serde_json::Value;

/// A driver of models on the servers of Hugging Face.
pub(crate) fn hosted(sandbox: &Sandbox, model: &str) -> HuggingFaceTasks {
    settings(sandbox).model(model).provider("hf-inference").build_tasks().unwrap()
}

/// A driver of a server with this API.
pub(crate) fn at(sandbox: &Sandbox, api: TaskApi, model: &str) -> HuggingFaceTasks {
    settings(sandbox).model(model).build_tasks().unwrap().with_api(api)
}

/// A driver that finds the provider with the Hub of the sandbox.
pub(crate) fn routed(sandbox: &Sandbox, model: &str) -> HuggingFaceTasks {
    let environment = Environment::empty().with("HF_ENDPOINT", sandbox.hub_url());
    settings(sandbox).model(model).environment(environment).build_tasks().unwrap().with_api(TaskApi::Router)
}

/// A sandbox that answers every call with this JSON.
pub(crate) async fn answering(body: &str) -> Sandbox {
    crate::common::scripted(Script::json(200, body.to_owned())).await
}

/// The body of the last request.
pub(crate) fn last_body(sandbox: &Sandbox) -> Value {
    sandbox.requests().last().unwrap().body().clone()
}

/// The path of the last request.
pub(crate) fn last_path(sandbox: &Sandbox) -> String {
    sandbox.requests().last().unwrap().path().to_owned()
}
