//! The catalog, `/models`, and one entry, `/models/{org}/{model}`.

use super::lenient;
use derive_getters::Getters;

/// The catalog.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceModelList {
    /// The entries; `None` without a list.
    data: Option<Vec<HuggingFaceModel>>,
}

lenient::read_object! {
    HuggingFaceModelList {
        data: Option<Vec<HuggingFaceModel>> = lenient::list, "data";
    }
}

/// An entry of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceModel {
    /// Name on the Hub.
    id: Option<String>,
    /// Input and output modalities.
    architecture: Option<HuggingFaceArchitecture>,
    /// Providers of the model.
    providers: Vec<HuggingFaceModelProvider>,
}

lenient::read_object! {
    HuggingFaceModel {
        id: Option<String> = lenient::word, "id";
        architecture: Option<HuggingFaceArchitecture> = lenient::object, "architecture";
        providers: Vec<HuggingFaceModelProvider> = lenient::objects, "providers";
    }
}

/// Input and output modalities of a model.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceArchitecture {
    /// `text`, `image`, …
    input_modalities: Vec<String>,
    /// `text`, …
    output_modalities: Vec<String>,
}

lenient::read_object! {
    HuggingFaceArchitecture {
        input_modalities: Vec<String> = lenient::words, "input_modalities";
        output_modalities: Vec<String> = lenient::words, "output_modalities";
    }
}

/// A provider of a model.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceModelProvider {
    /// Id of the provider.
    provider: Option<String>,
    /// `live`, `error`, …
    status: Option<String>,
    /// Maximum number of tokens of prompt and response together.
    #[getter(copy)]
    context_length: Option<u64>,
    /// Prices.
    pricing: Option<HuggingFacePricing>,
    /// `true` if the model is free.
    #[getter(copy)]
    is_free: Option<bool>,
    /// `true` if tool calls are supported; missing if unknown.
    #[getter(copy)]
    supports_tools: Option<bool>,
    /// `true` if JSON schemas are supported; missing if unknown.
    #[getter(copy)]
    supports_structured_output: Option<bool>,
    /// Milliseconds to the first token, as a float or an integer.
    #[getter(copy)]
    first_token_latency_ms: Option<f64>,
    /// Tokens per second.
    #[getter(copy)]
    throughput: Option<f64>,
    /// `true` if the provider made the model.
    #[getter(copy)]
    is_model_author: Option<bool>,
}

lenient::read_object! {
    HuggingFaceModelProvider {
        provider: Option<String> = lenient::word, "provider";
        status: Option<String> = lenient::word, "status";
        context_length: Option<u64> = lenient::count, "context_length";
        pricing: Option<HuggingFacePricing> = lenient::object, "pricing";
        is_free: Option<bool> = lenient::flag, "is_free";
        supports_tools: Option<bool> = lenient::flag, "supports_tools";
        supports_structured_output: Option<bool> = lenient::flag, "supports_structured_output";
        first_token_latency_ms: Option<f64> = lenient::number, "first_token_latency_ms";
        throughput: Option<f64> = lenient::number, "throughput";
        is_model_author: Option<bool> = lenient::flag, "is_model_author";
    }
}

impl lenient::Weigh for HuggingFaceModelProvider {}

impl lenient::Weigh for HuggingFaceModel {
    fn weight(&self) -> usize {
        self.providers.len().saturating_add(1)
    }
}

/// Prices in USD per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Getters)]
pub struct HuggingFacePricing {
    /// Price of a million prompt tokens.
    #[getter(copy)]
    input: Option<f64>,
    /// Price of a million completion tokens.
    #[getter(copy)]
    output: Option<f64>,
}

lenient::read_object! {
    HuggingFacePricing {
        input: Option<f64> = lenient::number, "input";
        output: Option<f64> = lenient::number, "output";
    }
}
