//! Token usage.

use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;

/// Token usage.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceUsage {
    /// Prompt tokens. Some servers name them `input_tokens`.
    #[getter(copy)]
    prompt_tokens: Option<u64>,
    /// Completion tokens, including reasoning. Some servers name them `output_tokens`.
    #[getter(copy)]
    completion_tokens: Option<u64>,
    /// Prompt and completion tokens together.
    #[getter(copy)]
    total_tokens: Option<u64>,
    /// Details of the prompt tokens.
    prompt_tokens_details: Option<HuggingFaceTokenDetails>,
    /// Details of the completion tokens.
    completion_tokens_details: Option<HuggingFaceTokenDetails>,
    /// Prompt tokens from a cache, if the server writes them outside the details.
    #[getter(copy)]
    cached_tokens: Option<u64>,
    /// Cost in USD, if the provider reports it.
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

/// Details of prompt or completion tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Getters)]
pub struct HuggingFaceTokenDetails {
    /// Prompt tokens from a cache.
    #[getter(copy)]
    cached_tokens: Option<u64>,
    /// Completion tokens used for reasoning.
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
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceUsageBuilder {
        HuggingFaceUsageBuilder::default()
    }
}
