//! The line of a call for `-v`.

use super::summary::cost_text;
use botticelli::{CallOutcome, CallRecord, Usage};

/// Returns the facts of a call as `name=value`, without its texts. The names are those of the spans, without their prefix.
pub(super) fn call_line(call: &CallRecord) -> String {
    let mut parts = vec![format!("{} request.model={}", call.operation(), call.requested_model())];
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            parts.push(format!("{name}={value}"));
        }
    };
    let tokens =
        |count: fn(&Usage) -> Option<u64>| call.usage().and_then(count).map(|count| count.to_string());
    add("response.model", call.model().map(str::to_owned));
    add("provider", call.provider().map(str::to_owned));
    add("input_tokens", tokens(Usage::prompt_tokens));
    add("output_tokens", tokens(Usage::completion_tokens));
    match call.outcome() {
        CallOutcome::Completed(reason) => add("finish_reason", Some(reason.as_str().to_owned())),
        CallOutcome::Failed(category) => add("error", Some(category.to_string())),
        _ => add("error", Some("dropped".to_owned())),
    }
    add("first_chunk", call.first_chunk().map(|time| format!("{:.3}s", time.as_secs_f64())));
    add("total", Some(format!("{:.3}s", call.duration().as_secs_f64())));
    add("retries", Some(call.retries().to_string()));
    if call.is_cached() {
        add("cached", Some("true".to_owned()));
    }
    add("cost", Some(cost_text(call.cost())));
    parts.join(" ")
}
