//! text-generation-inference's own API: `/generate`, `/generate_stream` and `/`.

use super::HuggingFaceGeneratedToken;
use super::HuggingFaceLogprobs;
use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The request body of `/generate`. The request has no model, because a server serves only one.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceGenerateRequest {
    /// The text to complete.
    #[builder(setter(into))]
    inputs: String,
    /// Parameters of the generation.
    parameters: HuggingFaceGenerateParameters,
    /// `true` to stream the response. Only `/` reads it.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

/// Parameters of a generation.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceGenerateParameters {
    /// Maximum number of generated tokens. Always sent, because the default depends on the server; older ones stop after 20.
    #[builder(setter(strip_option = false))]
    #[getter(copy)]
    max_new_tokens: u32,
    /// Above 0. Use `do_sample: false` for greedy decoding.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// Above 0 and below 1. Leave it out for 1.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    /// -2 to 2.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    /// Unsigned.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// Up to 4 sequences.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<String>,
    /// `false` for greedy decoding.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    do_sample: Option<bool>,
    /// Number of most likely tokens to return per position, up to 5.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    top_n_tokens: Option<u32>,
    /// `true` to return finish reason and token counts. transformers without TGI rejects the field.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<bool>,
    /// Parameters without a type here.
    #[builder(setter(strip_option = false))]
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl HuggingFaceGenerateRequest {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceGenerateRequestBuilder {
        HuggingFaceGenerateRequestBuilder::default()
    }

    /// Returns the request for a streamed response.
    pub fn streaming(mut self) -> Self {
        self.stream = Some(true);
        self
    }

    /// Returns the request for a server that does not know `details`.
    pub fn without_details(mut self) -> Self {
        self.parameters.details = None;
        self
    }
}

impl HuggingFaceGenerateParameters {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceGenerateParametersBuilder {
        HuggingFaceGenerateParametersBuilder::default()
    }
}

/// A response of `/generate`, or an event of `/generate_stream`.
///
/// An event contains a token. The last event also contains the whole text and the details. No `[DONE]` follows.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceGeneration {
    /// The next token, in an event.
    token: Option<HuggingFaceGeneratedToken>,
    /// The most likely tokens at its position, in an event.
    top_tokens: Vec<HuggingFaceGeneratedToken>,
    /// The whole text; null until the last event.
    generated_text: Option<String>,
    /// Finish reason and more. Missing if not requested, null from older servers.
    details: Option<HuggingFaceGenerationDetails>,
    /// An error of any shape. A success may carry one.
    error: Option<Value>,
    /// Type of the error.
    error_type: Option<String>,
    /// Message of an error outside `error`.
    message: Option<Value>,
    /// Message of an error, as Python servers write it.
    detail: Option<Value>,
}

lenient::read_object! {
    HuggingFaceGeneration {
        token: Option<HuggingFaceGeneratedToken> = lenient::object, "token";
        top_tokens: Vec<HuggingFaceGeneratedToken> = lenient::objects, "top_tokens";
        generated_text: Option<String> = lenient::text, "generated_text";
        details: Option<HuggingFaceGenerationDetails> = lenient::object, "details";
        error: Option<Value> = lenient::error, "error";
        error_type: Option<String> = lenient::word, "error_type";
        message: Option<Value> = lenient::error, "message";
        detail: Option<Value> = lenient::error, "detail";
    }
}

impl lenient::Weigh for HuggingFaceGeneration {
    fn weight(&self) -> usize {
        self.top_tokens.len().saturating_add(16)
    }
}

/// Details of a whole response.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceGenerationDetails {
    /// `length`, `eos_token`, `stop_sequence`.
    finish_reason: Option<String>,
    /// Number of generated tokens, including the token that ended the text.
    #[getter(copy)]
    generated_tokens: Option<u64>,
    /// Number of prompt tokens, in a stream of a newer server.
    #[getter(copy)]
    input_length: Option<u64>,
    /// Tokens of a one-shot response, as raw JSON.
    tokens: Option<HuggingFaceLogprobs>,
    /// Most likely tokens at each position, as raw JSON.
    top_tokens: Option<HuggingFaceLogprobs>,
}

lenient::read_object! {
    HuggingFaceGenerationDetails {
        finish_reason: Option<String> = lenient::word, "finish_reason";
        generated_tokens: Option<u64> = lenient::count, "generated_tokens";
        input_length: Option<u64> = lenient::count, "input_length";
        tokens: Option<HuggingFaceLogprobs> = serde::Deserialize::deserialize, "tokens";
        top_tokens: Option<HuggingFaceLogprobs> = serde::Deserialize::deserialize, "top_tokens";
    }
}

/// A one-shot response: an object, or a list with one object.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct HuggingFaceGenerations(
    #[serde(deserialize_with = "lenient::one_or_more")] Vec<HuggingFaceGeneration>,
);

impl HuggingFaceGenerations {
    /// Returns the items without copying them.
    pub(in crate::huggingface) fn into_vec(self) -> Vec<HuggingFaceGeneration> {
        self.0
    }
}

/// Contents of a response or an event.
#[derive(Debug)]
pub(in crate::huggingface) struct Generated {
    pub(in crate::huggingface) token: Option<HuggingFaceGeneratedToken>,
    pub(in crate::huggingface) top_tokens: Vec<HuggingFaceGeneratedToken>,
    pub(in crate::huggingface) generated_text: Option<String>,
    pub(in crate::huggingface) details: Option<HuggingFaceGenerationDetails>,
    pub(in crate::huggingface) error: Option<Value>,
    pub(in crate::huggingface) error_type: Option<String>,
}

impl HuggingFaceGeneration {
    /// Returns the contents without copying them. An error counts in any of its fields.
    pub(in crate::huggingface) fn into_parts(self) -> Generated {
        let Self { token, top_tokens, generated_text, details, error, error_type, message, detail } = self;
        let error = error.or(message).or(detail);
        Generated { token, top_tokens, generated_text, details, error, error_type }
    }
}
