//! Errors of typed calls.

use super::history::History;
use super::target_schema::TargetSchema;
use super::{TypedMode, Violation};
use botticelli_core::{FinishReason, GenerateRequest, GenerateResponse};
use botticelli_error::{
    BotticelliError, BotticelliErrorKind, ErrorCategory, JsonError, JsonErrorKind, PartialResponse,
    PartialToolCall,
};

/// Returns the error of a response that a repair cannot fix: refused, truncated or filtered.
pub(super) fn final_failure(
    response: &GenerateResponse,
    target: &TargetSchema,
    request: &GenerateRequest,
) -> Option<JsonErrorKind> {
    if let Some(refusal) = response.refusal() {
        return Some(JsonErrorKind::Refused { message: refusal.chars().take(300).collect() });
    }
    match response.finish_reason() {
        FinishReason::Length => {
            Some(JsonErrorKind::Truncated { schema: target.name.clone(), max_tokens: request.max_tokens() })
        }
        FinishReason::ContentFilter => Some(JsonErrorKind::Filtered),
        _ => None,
    }
}

/// Returns the error of a response that the service stopped early. The model made no mistake that it could repair.
pub(super) fn stopped_early(response: &GenerateResponse, target: &TargetSchema) -> Option<JsonErrorKind> {
    match response.finish_reason() {
        FinishReason::Other(reason) => Some(JsonErrorKind::StoppedEarly {
            schema: target.name.clone(),
            reason: reason.chars().take(80).collect(),
        }),
        _ => None,
    }
}

/// Returns the error after the last repair.
pub(super) fn mismatch(
    target: &TargetSchema,
    mode: TypedMode,
    history: &History,
    last: &[Violation],
) -> JsonErrorKind {
    JsonErrorKind::SchemaMismatch {
        schema: target.name.clone(),
        mode: mode.as_str(),
        attempts: attempts(history),
        violations: last.iter().take(4).map(ToString::to_string).collect(),
    }
}

/// Returns the error with the response as its partial response, and with the tokens and the cost of all responses.
#[track_caller]
pub(super) fn typed_error(
    kind: JsonErrorKind,
    response: &GenerateResponse,
    history: &History,
) -> BotticelliError {
    BotticelliError::from(JsonError::new(kind, "the model"))
        .with_partial(partial_response(response, history))
        .with_attempts(attempts(history))
}

/// Returns an error of the driver with the previous response, which did not match but was paid.
pub(super) fn with_last_response(
    error: BotticelliError,
    last: Option<&GenerateResponse>,
    history: &History,
) -> BotticelliError {
    match last {
        Some(last) if error.partial().is_none() => error.with_partial(partial_response(last, history)),
        _ => error,
    }
}

fn attempts(history: &History) -> u32 {
    u32::try_from(history.repairs.len() + 1).unwrap_or(u32::MAX)
}

fn partial_response(response: &GenerateResponse, history: &History) -> PartialResponse {
    let calls = response
        .tool_calls()
        .map(|call| PartialToolCall::new(Some(call.id().to_owned()), call.name(), call.arguments_text()));
    let text = [&*response.text(), response.refusal().unwrap_or_default()].concat();
    let usage = history.totals.usage().unwrap_or_default();
    PartialResponse::new(text, response.reasoning(), calls.collect())
        .with_tokens(usage.prompt_tokens(), usage.completion_tokens())
        .with_nano_dollars(history.totals.cost().nano_dollars())
}

/// Returns whether another mode may succeed: the service rejected this one, or the model failed.
///
/// An invalid request, which was never sent, fails in every mode.
pub(super) fn allows_next_mode(error: &BotticelliError) -> bool {
    let is_unsent = matches!(error.kind(), BotticelliErrorKind::Builder(_));
    let category = error.category();
    !is_unsent
        && matches!(
            category,
            ErrorCategory::InvalidRequest | ErrorCategory::Unsupported | ErrorCategory::Generation
        )
}

/// Returns whether the model failed, and the driver did not retry. A second attempt mostly succeeds.
pub(super) fn allows_second_attempt(error: &BotticelliError) -> bool {
    error.category() == ErrorCategory::Generation && error.attempts() < 2
}
