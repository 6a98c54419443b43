//! How many tokens it took.

use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};

/// How many tokens an answer took, as far as the service said so.
///
/// What it did not say is `None`, never 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens: Option<u64>,
    /// Tokens of the answer, reasoning included.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens: Option<u64>,
    /// Both together.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    total_tokens: Option<u64>,
    /// Tokens of the prompt that came from the service's cache.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_tokens: Option<u64>,
    /// Tokens of the answer that were reasoning.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_tokens: Option<u64>,
}

impl Usage {
    /// Sets one field after the other.
    pub fn builder() -> UsageBuilder {
        UsageBuilder::default()
    }

    /// What the service said of prompt, answer, and both together.
    pub const fn new(
        prompt_tokens: Option<u64>,
        completion_tokens: Option<u64>,
        total_tokens: Option<u64>,
    ) -> Self {
        Self { prompt_tokens, completion_tokens, total_tokens, cached_tokens: None, reasoning_tokens: None }
    }

    /// The same, with how much of the prompt came from a cache, and how much of the answer was reasoning.
    pub const fn with_details(mut self, cached_tokens: Option<u64>, reasoning_tokens: Option<u64>) -> Self {
        self.cached_tokens = cached_tokens;
        self.reasoning_tokens = reasoning_tokens;
        self
    }

    /// Whether the service said nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
