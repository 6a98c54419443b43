//! The texts of a conversation, in the form of OpenTelemetry.

use botticelli_core::{GenerateResponse, Input, Message};
use serde_json::{Value, json};

/// Returns the messages of a request.
pub(crate) fn input_messages(messages: &[Message]) -> String {
    Value::from(messages.iter().map(message).collect::<Vec<_>>()).to_string()
}

/// Returns the prompt of a text completion.
pub(crate) fn input_prompt(prompt: &str) -> String {
    json!([{"role": "user", "parts": [text(prompt)]}]).to_string()
}

/// Returns the first choice of a response.
pub(super) fn output_messages(response: &GenerateResponse) -> String {
    let mut output = message(&response.to_message());
    if let Value::Object(fields) = &mut output {
        fields.insert("finish_reason".to_owned(), response.finish_reason().as_str().into());
    }
    json!([output]).to_string()
}

fn message(message: &Message) -> Value {
    let reasoning = message.reasoning().map(|content| json!({"type": "reasoning", "content": content}));
    let calls = message.tool_calls().iter().map(|call| {
        let arguments = call.arguments::<Value>().unwrap_or_else(|_| call.arguments_text().into());
        json!({"type": "tool_call", "id": call.id(), "name": call.name(), "arguments": arguments})
    });
    let parts: Vec<Value> =
        reasoning.into_iter().chain(message.content().iter().map(part)).chain(calls).collect();
    json!({"role": message.role().as_str(), "parts": parts})
}

/// Returns a part of a message. Of media, only the kind: their bytes are too many for a span.
fn part(input: &Input) -> Value {
    let media = |modality: &str| json!({"type": "blob", "modality": modality});
    match input {
        Input::Text(content) => text(content),
        Input::Image(_) => media("image"),
        Input::Audio(_) => media("audio"),
        Input::Video(_) => media("video"),
        Input::ToolResult { id, content } => {
            json!({"type": "tool_call_response", "id": id, "response": content})
        }
        _ => media("document"),
    }
}

fn text(content: &str) -> Value {
    json!({"type": "text", "content": content})
}
