//! The request body of `/completions`.

use super::HuggingFaceStreamOptions;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use serde_json::{Map, Value};

/// The request body of `/completions`. `model` comes first, and unset fields are left out, as in a chat request.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceCompletionRequest {
    /// The model, with its route: `org/model:cheapest`.
    #[builder(setter(into))]
    model: String,
    /// The text to complete.
    #[builder(setter(into))]
    prompt: String,
    /// Maximum number of completion tokens.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    /// 0 to 2; 0 is greedy.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// Above 0 and up to 1. TGI rejects 1.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    /// -2 to 2.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    /// -2 to 2.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    /// Unsigned: TGI rejects a negative seed.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// Always a list: TGI rejects a bare string.
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<String>,
    /// Number of most likely tokens to return per position. A number here, a flag in a chat request. TGI ignores it.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
    /// `true` to stream the response.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    /// Only valid with `stream: true`.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<HuggingFaceStreamOptions>,
    /// Fields without a type here.
    #[builder(default)]
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl HuggingFaceCompletionRequest {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceCompletionRequestBuilder {
        HuggingFaceCompletionRequestBuilder::default()
    }

    /// Returns the request for a streamed response, with usage at the end.
    pub fn streaming(mut self) -> Self {
        self.stream = Some(true);
        self.stream_options = Some(HuggingFaceStreamOptions { include_usage: true });
        self
    }
}
