//! Lines about tokens, cost and time.

use botticelli::{Cost, CostSource, GenerateResponse, Usage};

/// Returns the cost and its source: `$0.000012 (priced)`.
pub(crate) fn cost_text(cost: Cost) -> String {
    match cost.source() {
        CostSource::Free => "free".to_owned(),
        CostSource::Unknown => "unknown cost".to_owned(),
        CostSource::Reported => format!("{cost} (reported)"),
        _ => format!("{cost} (priced)"),
    }
}

/// Returns the tokens, the cost, the time and the origin of a response in one line.
pub(crate) fn usage_line(response: &GenerateResponse) -> String {
    let mut parts = Vec::new();
    let usage = response.usage();
    let tokens = |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
    parts.push(format!(
        "{} prompt + {} completion tokens",
        tokens(usage.and_then(Usage::prompt_tokens)),
        tokens(usage.and_then(Usage::completion_tokens)),
    ));
    parts.push(if response.is_cached() { "cached, free".to_owned() } else { cost_text(response.cost()) });
    if let Some(total) = response.timings().total() {
        parts.push(format!("{:.1} s", total.as_secs_f64()));
    }
    if let Some(first) = response.timings().first_token() {
        parts.push(format!("first token after {:.2} s", first.as_secs_f64()));
    }
    let model = response.model().or(response.requested_model()).unwrap_or("unknown model");
    parts.push(match response.provider() {
        Some(provider) => format!("{model} at {provider}"),
        None => model.to_owned(),
    });
    parts.join(", ")
}
