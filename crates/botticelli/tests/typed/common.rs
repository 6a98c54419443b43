//! Helpers of the tests of typed output: types, and a driver for a sandbox with scripted responses.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use botticelli::schemars::{self, JsonSchema};
use botticelli::{
    BotticelliError, BotticelliErrorKind, Environment, HuggingFaceDriver, JsonErrorKind, TypedMode,
    TypedOptions,
};
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script, Turn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) const MODEL: &str = "openai/gpt-oss-20b";

/// Something to go to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Event {
    /// What it is called.
    pub(crate) title: String,
    pub(crate) guests: Vec<Guest>,
    pub(crate) place: Option<String>,
    pub(crate) kind: Kind,
    /// How many may come.
    #[schemars(range(min = 1, max = 50))]
    pub(crate) seats: u8,
}

/// Somebody who comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Guest {
    pub(crate) name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// At a table.
    Dinner,
    Concert,
}

pub(crate) fn dinner() -> Event {
    let guests = vec![Guest { name: "Ada".into() }, Guest { name: "Grace".into() }];
    Event { title: "Dinner".into(), guests, place: None, kind: Kind::Dinner, seats: 4 }
}

pub(crate) fn dinner_json() -> String {
    serde_json::to_string(&dinner()).unwrap()
}

/// Returns the strict schema of an [`Event`] as it is sent.
pub(crate) fn event_schema() -> Value {
    json!({
        "type": "object",
        "description": "Something to go to.",
        "properties": {
            "title": {"type": "string", "description": "What it is called."},
            "guests": {
                "type": "array",
                "items": {
                    "type": "object",
                    "description": "Somebody who comes.",
                    "properties": {"name": {"type": "string"}},
                    "required": ["name"],
                    "additionalProperties": false,
                },
            },
            "place": {"type": ["string", "null"]},
            "kind": {"anyOf": [
                {"type": "string", "enum": ["concert"]},
                {"type": "string", "description": "At a table.", "enum": ["dinner"]},
            ]},
            "seats": {"type": "integer", "description": "How many may come. (minimum: 1, maximum: 50)"},
        },
        "required": ["title", "guests", "place", "kind", "seats"],
        "additionalProperties": false,
    })
}

pub(crate) fn driver(sandbox: &Sandbox) -> HuggingFaceDriver {
    driver_of(sandbox, MODEL)
}

pub(crate) fn driver_of(sandbox: &Sandbox, model: &str) -> HuggingFaceDriver {
    HuggingFaceDriver::builder(model)
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .environment(Environment::empty())
        .build()
        .unwrap()
}

/// Starts a sandbox with these responses, one after the other.
pub(crate) async fn sandbox_with<T: Into<Turn>>(turns: impl IntoIterator<Item = T>) -> Sandbox {
    let builder = turns.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn);
    builder.start().await.unwrap()
}

/// A response with this text.
pub(crate) fn text_response(text: &str) -> Script {
    ended(text, "stop")
}

pub(crate) fn ended(text: &str, reason: &str) -> Script {
    answer(&json!({"content": text}), reason)
}

/// A response that calls a tool.
pub(crate) fn called(name: &str, arguments: &str) -> Script {
    let function = json!({"name": name, "arguments": arguments});
    let call = json!({"id": "call_1", "type": "function", "function": function});
    answer(&json!({"content": null, "tool_calls": [call]}), "tool_calls")
}

pub(crate) fn answer(message: &Value, reason: &str) -> Script {
    let choice = json!({"index": 0, "message": message, "finish_reason": reason});
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110});
    Script::json(200, json!({"choices": [choice], "usage": usage}))
}

/// The error response of a service that does not know a field.
pub(crate) fn refusing() -> Script {
    let error = json!({"message": "this is not supported", "type": "invalid_request_error", "code": null});
    Script::json(400, json!({"error": error}))
}

pub(crate) fn by(mode: TypedMode) -> TypedOptions {
    TypedOptions::default().with_modes([mode])
}

pub(crate) fn never_repaired() -> TypedOptions {
    TypedOptions::default().with_max_repairs(0)
}

pub(crate) fn json_kind(error: &BotticelliError) -> &JsonErrorKind {
    match error.kind() {
        BotticelliErrorKind::Json(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

/// The body of each call, in order.
pub(crate) fn bodies(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.requests().iter().map(|request| request.body().clone()).collect()
}
