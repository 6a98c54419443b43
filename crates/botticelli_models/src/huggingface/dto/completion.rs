//! What is sent to `/completions`.

use super::HuggingFaceStreamOptions;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use serde_json::{Map, Value};

/// What is sent to `/completions`. `model` goes first, and nothing that is not set goes out, as with a chat.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceCompletionRequest {
    /// The model, with its route: `org/model:cheapest`.
    #[builder(setter(into))]
    model: String,
    /// The text to go on with.
    #[builder(setter(into))]
    prompt: String,
    /// The most tokens that are added.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    /// 0 to 2; 0 is greedy.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// Above 0 and up to 1. TGI refuses 1.
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
    /// Unsigned: TGI refuses a negative one.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// Always a list: TGI refuses a bare string.
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<String>,
    /// How many of the likeliest tokens to tell: a number, where a chat has yes or no. TGI does not read it.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
    /// Whether the answer is to be streamed.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    /// Only beside `stream: true`.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<HuggingFaceStreamOptions>,
    /// Fields that are not typed here.
    #[builder(default)]
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl HuggingFaceCompletionRequest {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceCompletionRequestBuilder {
        HuggingFaceCompletionRequestBuilder::default()
    }

    /// The same request, to be answered piece by piece, with usage at the end.
    pub fn streaming(mut self) -> Self {
        self.stream = Some(true);
        self.stream_options = Some(HuggingFaceStreamOptions { include_usage: true });
        self
    }
}
