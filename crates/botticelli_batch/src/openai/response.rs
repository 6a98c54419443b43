//! Responses in the format of OpenAI's batch files.

use super::logprobs::logprobs_of;
use crate::{AnswerColumn, ColumnType};
use botticelli_core::{Choice, FinishReason, GenerateResponse, Output, ToolCall, Usage};
use serde_json::{Map, Value, json};

/// Returns the columns of an answer, of which one is null.
pub(crate) fn answer_columns() -> Vec<AnswerColumn> {
    vec![AnswerColumn::new("response", ColumnType::Json), AnswerColumn::new("error", ColumnType::Json)]
}

/// Returns the `response` of a line. The time of the response is not known, so `created` is 0.
pub(crate) fn response_of(response: &GenerateResponse) -> Value {
    let mut first = Choice::new(0, response.outputs().to_vec(), response.finish_reason().clone());
    first.logprobs = response.logprobs().cloned();
    let choices: Vec<_> = std::iter::once(&first).chain(response.alternatives()).map(choice_of).collect();
    json!({
        "status_code": 200,
        "request_id": response.request_id(),
        "body": {
            "id": response.id().unwrap_or("chatcmpl"),
            "object": "chat.completion",
            "created": 0,
            "model": response.model().or(response.requested_model()),
            "choices": choices,
            "usage": response.usage().map(usage_of),
        },
    })
}

fn choice_of(choice: &Choice) -> Value {
    let refusal = choice.outputs.iter().find_map(|output| match output {
        Output::Refusal(text) => Some(text.as_str()),
        _ => None,
    });
    let (text, reasoning) = (choice.text(), choice.reasoning());
    let calls: Vec<_> = choice.tool_calls().map(call_of).collect();
    let has_content = !text.is_empty() || (calls.is_empty() && refusal.is_none());
    let mut message = Map::new();
    message.insert("role".to_owned(), "assistant".into());
    message.insert("content".to_owned(), has_content.then_some(text.as_ref()).into());
    message.insert("refusal".to_owned(), refusal.into());
    if !reasoning.is_empty() {
        message.insert("reasoning_content".to_owned(), reasoning.as_ref().into());
    }
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), calls.into());
    }
    let reason = match &choice.finish_reason {
        FinishReason::Unspecified => "stop",
        reason => reason.as_str(),
    };
    json!({
        "index": choice.index,
        "message": message,
        "logprobs": choice.logprobs.as_ref().map(logprobs_of),
        "finish_reason": reason,
    })
}

fn call_of(call: &ToolCall) -> Value {
    let function = json!({"name": call.name(), "arguments": call.arguments_text()});
    json!({"id": call.id(), "type": "function", "function": function})
}

fn usage_of(usage: &Usage) -> Value {
    let (prompt, completion) = (usage.prompt_tokens(), usage.completion_tokens());
    let sum = prompt.zip(completion).map(|(prompt, completion)| prompt.saturating_add(completion));
    let mut object = Map::new();
    object.insert("prompt_tokens".to_owned(), prompt.into());
    object.insert("completion_tokens".to_owned(), completion.into());
    object.insert("total_tokens".to_owned(), usage.total_tokens().or(sum).into());
    if let Some(cached) = usage.cached_tokens() {
        object.insert("prompt_tokens_details".to_owned(), json!({"cached_tokens": cached}));
    }
    if let Some(reasoning) = usage.reasoning_tokens() {
        object.insert("completion_tokens_details".to_owned(), json!({"reasoning_tokens": reasoning}));
    }
    object.into()
}
