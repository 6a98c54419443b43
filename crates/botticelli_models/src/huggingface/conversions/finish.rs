//! Maps the finish reasons of many servers.

use super::{ErrorContext, error::refusal_event};
use crate::huggingface::dto::HuggingFaceResponse;
use botticelli_core::FinishReason;
use botticelli_error::BotticelliError;
use serde_json::json;

const STOP: &[&str] = &["stop", "eos", "eos_token", "stop_sequence", "end_turn", "complete", "completed"];
const LENGTH: &[&str] =
    &["length", "max_tokens", "max_length", "max_output_tokens", "model_length", "token_limit"];
const TOOL_CALLS: &[&str] = &["tool_calls", "tool_call", "tool_use", "function_call"];
const CONTENT_FILTER: &[&str] = &[
    "content_filter",
    "content_filtered",
    "safety",
    "sensitive",
    "recitation",
    "prohibited_content",
    "blocklist",
];

/// Returns the finish reason for the server's word. Unknown words are kept.
pub(super) fn finish_reason(word: String) -> FinishReason {
    known_reason(&word).unwrap_or_else(|| FinishReason::from(word))
}

/// Returns the finish reason for a known word.
pub(super) fn known_reason(word: &str) -> Option<FinishReason> {
    let is_one_of = |known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    Some(match () {
        () if is_one_of(STOP) => FinishReason::Stop,
        () if is_one_of(LENGTH) => FinishReason::Length,
        () if is_one_of(TOOL_CALLS) => FinishReason::ToolCalls,
        () if is_one_of(CONTENT_FILTER) => FinishReason::ContentFilter,
        () => return None,
    })
}

/// Returns whether a word means that the choice has ended. Until then, some servers send "null" or "none".
pub(super) fn is_reason(word: &str) -> bool {
    !["", "null", "none"].iter().any(|nothing| word.eq_ignore_ascii_case(nothing))
}

/// Returns the error of a response that a server ended with a failure as its finish reason. Examples are `error` (OpenRouter,
/// Mistral), `abort` (SGLang, vLLM), `network_error` (Z.AI) and `insufficient_system_resource` (DeepSeek). The text before it is
/// incomplete.
#[track_caller]
pub(in crate::huggingface) fn failure_in_response(
    answer: &HuggingFaceResponse,
    context: &ErrorContext,
) -> Option<BotticelliError> {
    let mut words = answer.choices().iter().filter_map(|choice| choice.finish_reason().as_deref());
    let word = words.find(|word| is_failure(word))?;
    let message = format!("the server ended the response with the finish reason {word:?}");
    Some(refusal_event(&json!({ "message": message, "type": word }).to_string(), context))
}

fn is_failure(word: &str) -> bool {
    if known_reason(word).is_some() {
        return false;
    }
    let word = word.to_ascii_lowercase();
    let known = [
        "abort",
        "aborted",
        "cancel",
        "canceled",
        "cancelled",
        "failed",
        "failure",
        "insufficient_system_resource",
        "overloaded",
        "timed_out",
        "timeout",
    ];
    word.ends_with("error") || word.contains("malformed_function_call") || known.contains(&&*word)
}
