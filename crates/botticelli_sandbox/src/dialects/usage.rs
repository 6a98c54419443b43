//! Token usage.

use serde::Serialize;

use crate::chat::Generation;

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Usage {
    #[serde(rename = "prompt_tokens")]
    prompt: u64,
    #[serde(rename = "completion_tokens")]
    completion: u64,
    #[serde(rename = "total_tokens")]
    total: u64,
    /// Present only for reasoning models.
    #[serde(rename = "completion_tokens_details", skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Clone, Copy, Serialize)]
struct Details {
    #[serde(rename = "reasoning_tokens")]
    reasoning: u64,
}

impl Usage {
    pub(crate) fn of(generation: &Generation) -> Self {
        let details = generation.reasoning_tokens().map(|reasoning| Details { reasoning });
        Self { details, ..Self::new(generation.prompt_tokens, generation.completion_tokens()) }
    }

    pub(crate) fn new(prompt: u64, completion: u64) -> Self {
        Self { prompt, completion, total: prompt.saturating_add(completion), details: None }
    }
}
