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

/// Returns the cost, if the provider reports one. The router does not add any.
pub(in crate::huggingface) fn cost(dto: &HuggingFaceUsage) -> Option<Cost> {
    let usd = dto.estimated_cost()?;
    Price::nano_dollars(usd).map(Cost::reported)
}
