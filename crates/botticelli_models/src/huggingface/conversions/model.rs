//! Converts an entry of the catalog.

use crate::huggingface::dto::{HuggingFaceModel, HuggingFaceModelProvider};
use botticelli_core::{ModelInfo, Price, ProviderListing, Throughput};

impl From<HuggingFaceModel> for ModelInfo {
    fn from(dto: HuggingFaceModel) -> Self {
        let mut info = Self::new(dto.id().clone().unwrap_or_default());
        if let Some(architecture) = dto.architecture() {
            info.input_modalities.clone_from(architecture.input_modalities());
            info.output_modalities.clone_from(architecture.output_modalities());
        }
        info.providers = dto.providers().iter().filter_map(provider).collect();
        info
    }
}

fn provider(dto: &HuggingFaceModelProvider) -> Option<ProviderListing> {
    let mut provider = ProviderListing::new(dto.provider().as_ref()?);
    provider.status.clone_from(dto.status());
    provider.context_length = dto.context_length();
    provider.supports_tools = dto.supports_tools();
    provider.supports_structured_output = dto.supports_structured_output();
    provider.throughput = dto.throughput().and_then(Throughput::from_tokens_per_second);
    // Via the decimal text, because a cast would also accept NaN and negative numbers.
    let whole = |milliseconds: f64| format!("{milliseconds:.0}").parse().ok();
    provider.first_token_latency_ms = dto.first_token_latency_ms().and_then(whole);
    provider.is_model_author = dto.is_model_author();
    let listed = dto.pricing().and_then(|p| Price::from_usd_per_million(p.input()?, p.output()?));
    let free = (dto.is_free() == Some(true)).then(Price::default);
    Some(provider.with_price(free.or(listed)))
}
