//! The span of a call.

use super::content::output_messages;
use super::record::{CallOutcome, CallRecord};
use crate::verb::TextRequest;
use botticelli_core::{CostSource, FinishReason, GenerateResponse};
use botticelli_error::BotticelliError;
use serde_json::Value;
use std::time::Duration;
use tracing::Span;
use tracing::field::Empty;

/// The target of the spans.
const TARGET: &str = "botticelli::trace";

/// Opens the span of a call. It is disabled unless a subscriber enables it.
pub(super) fn open<R: TextRequest>(
    operation: &'static str,
    driver: Option<&'static str>,
    model: &str,
    request: &R,
    is_stream: bool,
) -> Span {
    let generation = request.generation();
    tracing::info_span!(
        target: TARGET,
        "gen_ai.client.inference",
        otel.name = %format_args!("{operation} {model}"),
        otel.kind = "client",
        otel.status_code = Empty,
        otel.status_description = Empty,
        error.type = Empty,
        gen_ai.operation.name = operation,
        gen_ai.provider.name = driver,
        gen_ai.request.model = model,
        gen_ai.request.stream = is_stream,
        gen_ai.request.choice.count = request.choices().filter(|choices| *choices != 1).map(i64::from),
        gen_ai.request.max_tokens = generation.max_tokens().map(i64::from),
        gen_ai.request.temperature = generation.temperature(),
        gen_ai.request.top_p = generation.top_p(),
        gen_ai.request.seed = generation.seed().and_then(signed),
        gen_ai.request.frequency_penalty = generation.frequency_penalty(),
        gen_ai.request.presence_penalty = generation.presence_penalty(),
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.response.time_to_first_chunk = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        gen_ai.usage.reasoning.output_tokens = Empty,
        gen_ai.input.messages = Empty,
        gen_ai.output.messages = Empty,
        botticelli.cost.nano_dollars = Empty,
        botticelli.cost.source = Empty,
        botticelli.retries = Empty,
        botticelli.cached = Empty,
        botticelli.inference_provider = Empty,
    )
}

/// Records the texts of a request.
pub(super) fn record_request(span: &Span, request: &impl TextRequest) {
    span.record("gen_ai.input.messages", request.content());
}

/// Records a response, with its texts if `has_content`.
pub(super) fn record_response(span: &Span, response: &GenerateResponse, has_content: bool) {
    let text = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            span.record(name, value);
        }
    };
    let number = |name: &str, value: Option<u64>| {
        if let Some(value) = value.and_then(signed) {
            span.record(name, value);
        }
    };
    text("gen_ai.response.id", response.id());
    text("gen_ai.response.model", response.model());
    text("botticelli.inference_provider", response.provider());
    let others = response.alternatives().iter().map(|choice| &choice.finish_reason);
    let reasons = std::iter::once(response.finish_reason()).chain(others).map(FinishReason::as_str);
    let reasons = Value::from(reasons.collect::<Vec<_>>()).to_string();
    text("gen_ai.response.finish_reasons", Some(&reasons));
    if let Some(usage) = response.usage() {
        number("gen_ai.usage.input_tokens", usage.prompt_tokens());
        number("gen_ai.usage.output_tokens", usage.completion_tokens());
        number("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens());
        number("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens());
    }
    number("botticelli.cost.nano_dollars", response.cost().nano_dollars());
    let source = match response.cost().source() {
        CostSource::Reported => "reported",
        CostSource::Priced => "priced",
        CostSource::Free => "free",
        _ => "unknown",
    };
    text("botticelli.cost.source", Some(source));
    number("botticelli.retries", u64::try_from(response.retries().len()).ok());
    span.record("botticelli.cached", response.is_cached());
    if has_content {
        text("gen_ai.output.messages", Some(&output_messages(response)));
    }
}

/// Records an error, with its message if `has_content`: a message can quote the service.
pub(super) fn record_error(span: &Span, error: &BotticelliError, has_content: bool) {
    if has_content {
        span.record("otel.status_description", error.to_string());
    }
}

/// Records the end of a call.
pub(super) fn record_end(span: &Span, record: &CallRecord) {
    if let Some(first_chunk) = record.first_chunk.as_ref().map(Duration::as_secs_f64) {
        span.record("gen_ai.response.time_to_first_chunk", first_chunk);
    }
    let error = match record.outcome {
        CallOutcome::Completed(_) => return,
        CallOutcome::Failed(category) => category.as_str(),
        CallOutcome::Dropped => "dropped",
    };
    span.record("error.type", error);
    span.record("otel.status_code", "ERROR");
}

/// Returns a signed number. OpenTelemetry has no unsigned ones, and bridges export them as text.
fn signed(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}
