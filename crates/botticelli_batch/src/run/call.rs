//! One call, and its record.

use super::blocking::lost;
use super::failure;
use super::plan::SharedPlan;
use super::queue::QueuedRow;
use crate::concurrency::{Signal, Ticket};
use crate::journal::{Record, RecordedFailure};
use crate::openai;
use crate::output::OutputKind;
use botticelli_core::{Cost, FinishReason, GenerateResponse, Usage};
use botticelli_error::{BotticelliError, ErrorCategory, PartialResponse};
use botticelli_interface::BotticelliDriver;
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;

/// Maximum length of a recorded message, in characters.
const MESSAGE: usize = 2000;

/// A call that ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) row: QueuedRow,
    pub(super) ticket: Ticket,
    /// Time at which the call started.
    pub(super) begin: Instant,
    pub(super) result: Result<Answer, BotticelliError>,
}

impl Finished {
    /// Returns the end of the call, as far as it concerns the concurrency.
    pub(super) fn signal(&self, now: Instant) -> Signal {
        match &self.result {
            Ok(answer) => match answer.origin {
                Origin::Retried => Signal::Pressure,
                Origin::Cache => Signal::Neutral,
                Origin::Service => Signal::Response(now.saturating_duration_since(self.begin)),
            },
            Err(error) => failure::signal(error),
        }
    }
}

/// Calls the driver for a row.
pub(super) async fn call(
    driver: Arc<dyn BotticelliDriver>,
    plan: SharedPlan,
    row: QueuedRow,
    ticket: Ticket,
    begin: Instant,
) -> Finished {
    let result = answer(&driver, &plan, &row).await;
    Finished { row, ticket, begin, result }
}

/// The answer to a row.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) record: Box<Record>,
    origin: Origin,
}

/// The origin of an answer.
#[derive(Debug)]
enum Origin {
    /// The first attempt.
    Service,
    /// A later attempt. The driver's own retries hide rejections.
    Retried,
    Cache,
}

impl Origin {
    fn of(response: &GenerateResponse) -> Self {
        match (!response.retries().is_empty(), response.is_cached()) {
            (true, _) => Self::Retried,
            (false, true) => Self::Cache,
            (false, false) => Self::Service,
        }
    }
}

/// Returns the answer to a row.
pub(crate) async fn answer(
    driver: &Arc<dyn BotticelliDriver>,
    plan: &SharedPlan,
    row: &QueuedRow,
) -> Result<Answer, BotticelliError> {
    let content = &row.prepared.content;
    let request = if content.has_images() {
        let (content, plan) = (content.clone(), plan.clone());
        let read = tokio::task::spawn_blocking(move || content.to_request(&plan.prompt.options));
        read.await.map_err(|error| lost(&error))??
    } else {
        content.to_request(&plan.prompt.options)?
    };
    let request = request.with_skips_cache(row.skips_cache);
    match &plan.output.kind {
        OutputKind::Text(_) => {
            let response = driver.generate(request).await?;
            Ok(Answer { origin: Origin::of(&response), record: text_record(response) })
        }
        OutputKind::OpenAi => {
            let response = driver.generate(request).await?;
            let mut record = record_of(&response, response.usage(), response.cost(), served_by(&response));
            record.answer = Some(openai::response_of(&response));
            Ok(Answer { record, origin: Origin::of(&response) })
        }
        #[cfg(feature = "schema")]
        OutputKind::Typed(schema, _) => {
            let typed = schema.generate(driver, request).await?;
            let mut record = record_of(
                typed.response(),
                typed.usage().as_ref(),
                typed.cost(),
                served_by(typed.response()),
            );
            let origin = Origin::of(typed.response());
            record.answer = Some(typed.into_value());
            Ok(Answer { record, origin })
        }
    }
}

/// Returns the record of a text. A response without a text is a failure, unless the model chose to write nothing.
fn text_record(mut response: GenerateResponse) -> Box<Record> {
    let served_by = response.take_served_by();
    let mut record = record_of(&response, response.usage(), response.cost(), served_by);
    let refusal: Option<String> = response.refusal().map(|refusal| refusal.chars().take(300).collect());
    let reason = response.finish_reason().clone();
    let text = response.into_text();
    let failure = match (refusal, reason) {
        (Some(refusal), _) if text.is_empty() => Some(format!("The model refused: {refusal}")),
        (_, FinishReason::ContentFilter) => Some("A content filter ended the answer.".to_owned()),
        (_, FinishReason::Length) if text.trim().is_empty() => {
            Some("The token limit was reached before the answer. Raise `max_tokens`.".to_owned())
        }
        (_, FinishReason::ToolCalls) if text.trim().is_empty() => Some(
            "The model called a tool instead of answering. A column of texts has no place for the call."
                .to_owned(),
        ),
        _ => None,
    };
    match failure {
        None => record.answer = Some(Value::String(text)),
        Some(message) => {
            let category = ErrorCategory::Filtered.as_str().to_owned();
            record.error = Some(RecordedFailure { category, message, partial: text });
        }
    }
    record
}

/// The model and the provider of a response.
type ServedBy = (Option<String>, Option<String>);

fn served_by(response: &GenerateResponse) -> ServedBy {
    (response.model().map(str::to_owned), response.provider().map(str::to_owned))
}

fn record_of(
    response: &GenerateResponse,
    usage: Option<&Usage>,
    cost: Cost,
    (model, provider): ServedBy,
) -> Box<Record> {
    let mut record = Box::new(Record {
        reasoning: response.reasoning().into_owned(),
        finish_reason: Some(response.finish_reason().clone()),
        model: model.or_else(|| response.requested_model().map(str::to_owned)),
        provider,
        prompt_tokens: usage.and_then(Usage::prompt_tokens),
        completion_tokens: usage.and_then(Usage::completion_tokens),
        ..Record::default()
    });
    record.set_cost(cost);
    record
}

/// Returns the record of a row that failed.
pub(super) fn failure_record(row: &QueuedRow, error: &BotticelliError) -> Box<Record> {
    let partial = error.partial();
    let failure = RecordedFailure {
        category: error.category().as_str().to_owned(),
        message: error.to_string().chars().take(MESSAGE).collect(),
        partial: partial.map(|partial| partial.text().to_owned()).unwrap_or_default(),
    };
    let cost = partial.and_then(PartialResponse::nano_dollars).map(Cost::priced);
    Box::new(Record {
        key: row.prepared.key,
        cost,
        reasoning: partial.map(|partial| partial.reasoning().to_owned()).unwrap_or_default(),
        prompt_tokens: partial.and_then(PartialResponse::prompt_tokens),
        completion_tokens: partial.and_then(PartialResponse::completion_tokens),
        error: Some(failure),
        ..Record::default()
    })
}
