//! Why there is no value.

use super::target_schema::TargetSchema;
use super::typed_response::History;
use super::{TypedMode, Violation};
use botticelli_core::{FinishReason, GenerateRequest, GenerateResponse};
use botticelli_error::{
    BotticelliError, BotticelliErrorKind, ErrorCategory, JsonError, JsonErrorKind, PartialResponse,
    PartialToolCall,
};

/// An answer that asking again does not heal: refused, cut, or filtered.
pub(super) fn final_failure(
    response: &GenerateResponse,
    target: &TargetSchema,
    request: &GenerateRequest,
) -> Option<JsonErrorKind> {
    if let Some(words) = response.refusal() {
        return Some(JsonErrorKind::Refused { message: words.chars().take(300).collect() });
    }
    match response.finish_reason() {
        FinishReason::Length => {
            Some(JsonErrorKind::Truncated { schema: target.name.clone(), max_tokens: request.max_tokens() })
        }
        FinishReason::ContentFilter => Some(JsonErrorKind::Filtered),
        _ => None,
    }
}

/// An answer that does not fit because the service broke off: what it wrote so far is no mistake to tell the model of.
pub(super) fn stopped_early(response: &GenerateResponse, target: &TargetSchema) -> Option<JsonErrorKind> {
    match response.finish_reason() {
        FinishReason::Other(word) => Some(JsonErrorKind::StoppedEarly {
            schema: target.name.clone(),
            reason: word.chars().take(80).collect(),
        }),
        _ => None,
    }
}

/// Nothing fitted, and the model is not told again.
pub(super) fn mismatch(
    target: &TargetSchema,
    mode: TypedMode,
    history: &History,
    last: &[Violation],
) -> JsonErrorKind {
    let answers = history.repairs.len().saturating_add(1);
    JsonErrorKind::SchemaMismatch {
        schema: target.name.clone(),
        mode: mode.as_str(),
        attempts: u32::try_from(answers).unwrap_or(u32::MAX),
        violations: last.iter().take(4).map(ToString::to_string).collect(),
    }
}

/// The error, with the answer that it is about, and the tokens of all answers.
#[track_caller]
pub(super) fn typed_error(
    kind: JsonErrorKind,
    response: &GenerateResponse,
    history: &History,
) -> BotticelliError {
    let attempts = u32::try_from(history.repairs.len().saturating_add(1)).unwrap_or(u32::MAX);
    BotticelliError::from(JsonError::new(kind, "the model"))
        .with_partial(partial_response(response, history))
        .with_attempts(attempts)
}

/// An error of the driver, with the answer before it, which did not fit but was paid for.
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

fn partial_response(response: &GenerateResponse, history: &History) -> PartialResponse {
    let calls = response
        .tool_calls()
        .map(|call| PartialToolCall::new(Some(call.id().to_owned()), call.name(), call.arguments_text()));
    let text = [&*response.text(), response.refusal().unwrap_or_default()].concat();
    let usage = history.totals.usage().unwrap_or_default();
    PartialResponse::new(text, response.reasoning(), calls.collect())
        .with_tokens(usage.prompt_tokens(), usage.completion_tokens())
}

/// Whether another mode may do: the service refused what it was asked for, or the model could not write it.
///
/// Not where nothing was sent, because the request itself is wrong.
pub(super) fn allows_next_mode(error: &BotticelliError) -> bool {
    let is_ours = matches!(error.kind(), BotticelliErrorKind::Builder(_));
    let category = error.category();
    !is_ours
        && matches!(
            category,
            ErrorCategory::InvalidRequest | ErrorCategory::Unsupported | ErrorCategory::Generation
        )
}

/// Whether the model failed, and was not asked once more by the driver: the same request succeeds mostly.
pub(super) fn allows_second_attempt(error: &BotticelliError) -> bool {
    error.category() == ErrorCategory::Generation && error.attempts() < 2
}
