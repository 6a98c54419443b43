//! Responses and errors as JSON for programs.

use crate::Exit;
use botticelli::{BotticelliError, Cost, CostSource, GenerateResponse};
use serde_json::{Map, Value, json};

/// Returns a response as JSON. `with_text` is false after a stream that printed the text.
pub(crate) fn response_json(response: &GenerateResponse, with_text: bool) -> Map<String, Value> {
    let mut object = Map::new();
    if with_text {
        object.insert("text".to_owned(), response.text().into_owned().into());
        let reasoning = response.reasoning();
        if !reasoning.is_empty() {
            object.insert("reasoning".to_owned(), reasoning.into_owned().into());
        }
        if let Some(refusal) = response.refusal() {
            object.insert("refusal".to_owned(), refusal.into());
        }
    }
    let is_complete = Exit::of_finish(response.finish_reason()) == Exit::Complete;
    object.insert("complete".to_owned(), is_complete.into());
    object.insert("finish_reason".to_owned(), response.finish_reason().as_str().into());
    object.insert("model".to_owned(), response.model().or(response.requested_model()).into());
    object.insert("provider".to_owned(), response.provider().into());
    object.insert("id".to_owned(), response.id().into());
    object.insert("request_id".to_owned(), response.request_id().into());
    object.insert("usage".to_owned(), json!(response.usage()));
    object.insert("cost".to_owned(), cost_json(response.cost()));
    object.insert("cached".to_owned(), response.is_cached().into());
    object.insert("seconds".to_owned(), json!(response.timings().total().map(|total| total.as_secs_f64())));
    object.insert("retries".to_owned(), response.retries().len().into());
    if !response.warnings().is_empty() {
        object.insert("warnings".to_owned(), json!(response.warnings()));
    }
    object
}

/// Returns a cost as JSON. The amount is a string, so that no digit is lost. `null` means unknown.
pub(crate) fn cost_json(cost: Cost) -> Value {
    let source = match cost.source() {
        CostSource::Free => "free",
        CostSource::Reported => "reported",
        CostSource::Priced => "priced",
        _ => "unknown",
    };
    let amount = cost.nano_dollars().map(|_| cost.to_string().trim_start_matches('$').to_owned());
    json!({"usd": amount, "source": source})
}

/// Returns an error as JSON, with the text that had arrived.
pub(crate) fn error_json(error: &BotticelliError, exit: Exit) -> Map<String, Value> {
    let mut object = Map::new();
    if let Some(partial) = error.partial() {
        object.insert("text".to_owned(), partial.text().into());
    }
    object.insert("complete".to_owned(), false.into());
    let retry_after = error.retry_after().map(|time| time.as_secs_f64());
    object.insert(
        "error".to_owned(),
        json!({
            "message": error.to_string(),
            "category": error.category().as_str(),
            "status": error.status(),
            "retryable": error.is_retryable(),
            "retry_after_seconds": retry_after,
            "request_id": error.request_id(),
            "may_be_billed": error.may_be_billed(),
            "exit_code": exit.code(),
        }),
    );
    object
}
