//! The catalogue, `/models`, and an entry of it, `/models/{org}/{model}`.

use super::lenient;
use derive_getters::Getters;

/// The catalogue.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceModelList {
    /// The entries; `None` where there is no list of them.
    data: Option<Vec<HuggingFaceModel>>,
}

lenient::read_object! {
    HuggingFaceModelList {
        data: Option<Vec<HuggingFaceModel>> = lenient::list, "data";
    }
}

/// An entry of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceModel {
    /// The name on the Hub.
    id: Option<String>,
    /// What it reads and writes.
    architecture: Option<HuggingFaceArchitecture>,
    /// Who serves it.
    providers: Vec<HuggingFaceModelProvider>,
}

lenient::read_object! {
    HuggingFaceModel {
        id: Option<String> = lenient::word, "id";
        architecture: Option<HuggingFaceArchitecture> = lenient::object, "architecture";
        providers: Vec<HuggingFaceModelProvider> = lenient::objects, "providers";
    }
}

/// What a model reads and writes.
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

/// One who serves a model.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceModelProvider {
    /// The provider's id.
    provider: Option<String>,
    /// `live`, `error`, …
    status: Option<String>,
    /// Tokens of prompt and answer together.
    #[getter(copy)]
    context_length: Option<u64>,
    /// What it costs.
    pricing: Option<HuggingFacePricing>,
    /// Whether it costs nothing.
    #[getter(copy)]
    is_free: Option<bool>,
    /// Whether it can call tools; missing is unknown.
    #[getter(copy)]
    supports_tools: Option<bool>,
    /// Whether it can keep to a JSON schema; missing is unknown.
    #[getter(copy)]
    supports_structured_output: Option<bool>,
    /// Milliseconds to the first token; a float here and an integer there.
    #[getter(copy)]
    first_token_latency_ms: Option<f64>,
    /// Tokens a second.
    #[getter(copy)]
    throughput: Option<f64>,
    /// Whether the provider made the model.
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

/// What a million tokens cost, in USD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Getters)]
pub struct HuggingFacePricing {
    /// A million tokens of prompt.
    #[getter(copy)]
    input: Option<f64>,
    /// A million tokens of answer.
    #[getter(copy)]
    output: Option<f64>,
}

lenient::read_object! {
    HuggingFacePricing {
        input: Option<f64> = lenient::number, "input";
        output: Option<f64> = lenient::number, "output";
    }
}
