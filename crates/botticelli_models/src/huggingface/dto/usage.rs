//! How many tokens it took.

use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;

/// How many tokens it took.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceUsage {
    /// Tokens of the prompt. Some servers name them `input_tokens`.
    #[getter(copy)]
    prompt_tokens: Option<u64>,
    /// Tokens of the answer, reasoning included. Some servers name them `output_tokens`.
    #[getter(copy)]
    completion_tokens: Option<u64>,
    /// Both together.
    #[getter(copy)]
    total_tokens: Option<u64>,
    /// More about the prompt.
    prompt_tokens_details: Option<HuggingFaceTokenDetails>,
    /// More about the answer.
    completion_tokens_details: Option<HuggingFaceTokenDetails>,
    /// Tokens of the prompt that came from a cache, where a server writes them next to the others.
    #[getter(copy)]
    cached_tokens: Option<u64>,
    /// What it costs in USD, where a provider says so.
    #[getter(copy)]
    estimated_cost: Option<f64>,
}

lenient::read_object! {
    HuggingFaceUsage {
        prompt_tokens: Option<u64> = lenient::count, "prompt_tokens" | "input_tokens";
        completion_tokens: Option<u64> = lenient::count, "completion_tokens" | "output_tokens";
        total_tokens: Option<u64> = lenient::count, "total_tokens";
        prompt_tokens_details: Option<HuggingFaceTokenDetails> = lenient::object, "prompt_tokens_details" | "input_tokens_details";
        completion_tokens_details: Option<HuggingFaceTokenDetails> = lenient::object, "completion_tokens_details" | "output_tokens_details";
        cached_tokens: Option<u64> = lenient::count, "prompt_cache_hit_tokens" | "cached_tokens";
        estimated_cost: Option<f64> = lenient::number, "estimated_cost";
    }
}

/// More about the tokens of the prompt, or of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Getters)]
pub struct HuggingFaceTokenDetails {
    /// Tokens of the prompt that came from a cache.
    #[getter(copy)]
    cached_tokens: Option<u64>,
    /// Tokens of the answer that were reasoning.
    #[getter(copy)]
    reasoning_tokens: Option<u64>,
}

lenient::read_object! {
    HuggingFaceTokenDetails {
        cached_tokens: Option<u64> = lenient::count, "cached_tokens";
        reasoning_tokens: Option<u64> = lenient::count, "reasoning_tokens";
    }
}

impl HuggingFaceUsage {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceUsageBuilder {
        HuggingFaceUsageBuilder::default()
    }
}
