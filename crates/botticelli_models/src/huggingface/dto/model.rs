//! The catalogue, `/models`, and an entry of it, `/models/{org}/{model}`.

use super::lenient;
use derive_getters::Getters;
use serde::Deserialize;

/// The catalogue.
#[derive(Clone, Debug, Default, PartialEq, Getters, Deserialize)]
#[serde(default)]
pub struct HuggingFaceModelList {
    /// The entries; `None` where there is no list of them.
    #[serde(deserialize_with = "lenient::list")]
    data: Option<Vec<HuggingFaceModel>>,
}

/// An entry of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Getters, Deserialize)]
#[serde(default)]
pub struct HuggingFaceModel {
    /// The name on the Hub.
    #[serde(deserialize_with = "lenient::word")]
    id: Option<String>,
    /// What it reads and writes.
    #[serde(deserialize_with = "lenient::object")]
    architecture: Option<HuggingFaceArchitecture>,
    /// Who serves it.
    #[serde(deserialize_with = "lenient::objects")]
    providers: Vec<HuggingFaceModelProvider>,
}

/// What a model reads and writes.
#[derive(Clone, Debug, Default, PartialEq, Getters, Deserialize)]
#[serde(default)]
pub struct HuggingFaceArchitecture {
    /// `text`, `image`, …
    #[serde(deserialize_with = "lenient::words")]
    input_modalities: Vec<String>,
    /// `text`, …
    #[serde(deserialize_with = "lenient::words")]
    output_modalities: Vec<String>,
}

/// One who serves a model.
#[derive(Clone, Debug, Default, PartialEq, Getters, Deserialize)]
#[serde(default)]
pub struct HuggingFaceModelProvider {
    /// The provider's id.
    #[serde(deserialize_with = "lenient::word")]
    provider: Option<String>,
    /// `live`, `error`, …
    #[serde(deserialize_with = "lenient::word")]
    status: Option<String>,
    /// Tokens of prompt and answer together.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::count")]
    context_length: Option<u64>,
    /// What it costs.
    #[serde(deserialize_with = "lenient::object")]
    pricing: Option<HuggingFacePricing>,
    /// Whether it costs nothing.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::flag")]
    is_free: Option<bool>,
    /// Whether it can call tools; missing is unknown.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::flag")]
    supports_tools: Option<bool>,
    /// Whether it can keep to a JSON schema; missing is unknown.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::flag")]
    supports_structured_output: Option<bool>,
    /// Milliseconds to the first token; a float here and an integer there.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::number")]
    first_token_latency_ms: Option<f64>,
    /// Tokens a second.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::number")]
    throughput: Option<f64>,
    /// Whether the provider made the model.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::flag")]
    is_model_author: Option<bool>,
}

impl lenient::Weigh for HuggingFaceModelProvider {}

impl lenient::Weigh for HuggingFaceModel {
    fn weight(&self) -> usize {
        self.providers.len().saturating_add(1)
    }
}

/// What a million tokens cost, in USD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Getters, Deserialize)]
#[serde(default)]
pub struct HuggingFacePricing {
    /// A million tokens of prompt.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::number")]
    input: Option<f64>,
    /// A million tokens of answer.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::number")]
    output: Option<f64>,
}
