//! Converts token usage, and the cost if a provider reports it.

use crate::huggingface::dto::HuggingFaceUsage;
use botticelli_core::{Cost, Price, Usage};

/// Converts token counts.
pub(in crate::huggingface) fn usage(dto: &HuggingFaceUsage) -> Usage {
    let cached =
        dto.prompt_tokens_details().and_then(|details| details.cached_tokens()).or(dto.cached_tokens());
    let reasoning = dto.completion_tokens_details().and_then(|details| details.reasoning_tokens());
    Usage::new(dto.prompt_tokens(), dto.completion_tokens(), dto.total_tokens())
        .with_details(cached, reasoning)
}

/// Returns the counts of a report. `None` if it has none, or only zeros, which some servers send instead of counting.
pub(in crate::huggingface) fn report(dto: &HuggingFaceUsage) -> Option<Usage> {
    let usage = usage(dto);
    let counts = [usage.prompt_tokens(), usage.completion_tokens(), usage.total_tokens()];
    let is_zero = counts.contains(&Some(0)) && counts.iter().all(|count| count.unwrap_or_default() == 0);
    Some(usage).filter(|usage| !usage.is_empty() && !is_zero)
}

/// Returns the counts of a complete response without impossible ones.
///
/// A chat has prompt tokens, and content has completion tokens. A count of 0 is therefore missing, and a total without the missing part
/// is too. Otherwise the response would cost less than its tokens.
pub(in crate::huggingface) fn possible(usage: Usage, is_text: bool, has_content: bool) -> Usage {
    let known = |count: Option<u64>, must_exist: bool| count.filter(|count| *count > 0 || !must_exist);
    let prompt = known(usage.prompt_tokens(), !is_text);
    let completion = known(usage.completion_tokens(), has_content);
    let is_whole = |total: &u64| match (prompt, completion) {
        (Some(known), None) => !has_content || *total > known,
        (None, Some(known)) => is_text || *total > known,
        (None, None) => *total > 0,
        (Some(_), Some(_)) => true,
    };
    Usage::new(prompt, completion, usage.total_tokens().filter(is_whole))
        .with_details(usage.cached_tokens(), usage.reasoning_tokens())
}

/// Returns the counts of a report that the server sent before the end of the content.
pub(in crate::huggingface) fn of_beginning(usage: Usage) -> Usage {
    Usage::new(usage.prompt_tokens(), None, None).with_details(usage.cached_tokens(), None)
}

/// Returns the cost, if the provider reports one. The router does not add any.
pub(in crate::huggingface) fn cost(dto: &HuggingFaceUsage) -> Option<Cost> {
    let usd = dto.estimated_cost()?;
    Price::nano_dollars(usd).map(Cost::reported)
}
