//! What users of many clients report of real servers, one kind a test, with inputs of our own.

mod calls;
mod content;
mod failures;
mod gateways;
mod requests;

use crate::common::{driver, folded, scripted};
use botticelli_core::{GenerateRequest, GenerateResponse, ToolDefinition};
use botticelli_interface::BotticelliDriver;
use botticelli_sandbox::Script;
use serde_json::{Value, json};

/// The compared parts of a response: each tool call as `id:name(arguments)`.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    text: String,
    reasoning: String,
    calls: Vec<String>,
    finish: String,
}

impl Read {
    fn of(response: &GenerateResponse) -> Self {
        Self {
            text: response.text().into_owned(),
            reasoning: response.reasoning().into_owned(),
            calls: response.tool_calls().map(|call| format!("{}:{call}", call.id())).collect(),
            finish: response.finish_reason().to_string(),
        }
    }

    fn text(text: &str) -> Self {
        Self { text: text.to_owned(), reasoning: String::new(), calls: Vec::new(), finish: "stop".to_owned() }
    }

    fn reasoning(mut self, reasoning: &str) -> Self {
        reasoning.clone_into(&mut self.reasoning);
        self
    }

    fn calls(calls: &[&str]) -> Self {
        let calls = calls.iter().map(|call| (*call).to_owned()).collect();
        Self { calls, finish: "tool_calls".to_owned(), ..Self::text("") }
    }
}

/// An event with this choice in it.
fn event(choice: &Value) -> String {
    format!("data: {}\n\n", json!({"id": "chat-1", "choices": [choice]}))
}

/// A stream of these deltas, which ends for this reason.
fn stream(deltas: &[Value], reason: &str) -> String {
    let mut events: String = deltas
        .iter()
        .map(|delta| event(&json!({"index": 0, "delta": delta, "finish_reason": null})))
        .collect();
    events += &event(&json!({"index": 0, "delta": {}, "finish_reason": reason}));
    events + "data: [DONE]\n\n"
}

/// A request that offers two tools.
fn request() -> GenerateRequest {
    let tool = |name: &str| ToolDefinition::new(name, json!({"type": "object"})).unwrap();
    let tools = vec![tool("open_room"), tool("close_room"), tool("get_weather")];
    GenerateRequest::builder().messages(vec!["Hi".into()]).tools(tools).build().unwrap()
}

/// Reads a stream, and checks that its chunks add up to the final response.
async fn read_stream(events: String) -> Read {
    let sandbox = scripted(Script::sse(events)).await;
    let driver = driver(&sandbox);
    Read::of(&folded(&driver, request()).await)
}

/// Reads a plain response to a plain request and to a stream request.
async fn read_plain(body: Value) -> Read {
    let sandbox = scripted(Script::json(200, body)).await;
    let driver = driver(&sandbox);
    let plain = Read::of(&driver.generate(request()).await.unwrap());
    assert_eq!(Read::of(&folded(&driver, request()).await), plain, "plain and streamed");
    plain
}

/// A plain response with this message.
fn plain(message: &Value, reason: &str) -> Value {
    json!({"id": "chat-1", "choices": [{"index": 0, "message": message, "finish_reason": reason}]})
}
