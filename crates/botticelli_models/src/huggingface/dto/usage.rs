//! How many tokens it took.

use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Deserialize;

/// How many tokens it took.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Deserialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct HuggingFaceUsage {
    /// Tokens of the prompt.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::count")]
    prompt_tokens: Option<u64>,
    /// Tokens of the answer, reasoning included.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::count")]
    completion_tokens: Option<u64>,
    /// Both together.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::count")]
    total_tokens: Option<u64>,
    /// More about the prompt.
    #[serde(deserialize_with = "lenient::object")]
    prompt_tokens_details: Option<HuggingFaceTokenDetails>,
    /// More about the answer.
    #[serde(deserialize_with = "lenient::object")]
    completion_tokens_details: Option<HuggingFaceTokenDetails>,
    /// What it costs in USD, where a provider says so.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::number")]
    estimated_cost: Option<f64>,
}

/// More about the tokens of the prompt, or of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Getters, Deserialize)]
#[serde(default)]
pub struct HuggingFaceTokenDetails {
    /// Tokens of the prompt that came from a cache.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::count")]
    cached_tokens: Option<u64>,
    /// Tokens of the answer that were reasoning.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::count")]
    reasoning_tokens: Option<u64>,
}

impl HuggingFaceUsage {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceUsageBuilder {
        HuggingFaceUsageBuilder::default()
    }
}
