//! The API of text-generation-inference's own: `/generate`, `/generate_stream` and `/`.

use super::HuggingFaceLogprobs;
use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is sent to `/generate`. It names no model: a server has one.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceGenerateRequest {
    /// The text to go on with.
    #[builder(setter(into))]
    inputs: String,
    /// How.
    parameters: HuggingFaceGenerateParameters,
    /// Whether the answer is to be streamed. Only `/` looks at it.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

/// How a text is to be gone on with.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceGenerateParameters {
    /// The most tokens that are added. Always sent: servers differ in their default, and older ones stop after 20.
    #[builder(setter(strip_option = false))]
    #[getter(copy)]
    max_new_tokens: u32,
    /// Above 0: greedy is `do_sample: false`.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// Above 0 and below 1: all words are what leaving it out means.
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
    /// At most 4.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<String>,
    /// `false` is greedy.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    do_sample: Option<bool>,
    /// How many of the likeliest tokens to tell in each place, up to 5.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    top_n_tokens: Option<u32>,
    /// Whether to say why it ended, and how many tokens it took. transformers without TGI refuse the word.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<bool>,
    /// Parameters that are not typed here.
    #[builder(setter(strip_option = false))]
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl HuggingFaceGenerateRequest {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceGenerateRequestBuilder {
        HuggingFaceGenerateRequestBuilder::default()
    }

    /// The same request, to be answered piece by piece.
    pub fn streaming(mut self) -> Self {
        self.stream = Some(true);
        self
    }

    /// The same request, for a server that does not know `details`.
    pub fn without_details(mut self) -> Self {
        self.parameters.details = None;
        self
    }
}

impl HuggingFaceGenerateParameters {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceGenerateParametersBuilder {
        HuggingFaceGenerateParametersBuilder::default()
    }
}

/// An answer of `/generate`, or an event of `/generate_stream`.
///
/// An event brings a token; the last one the whole text and the details as well. No `[DONE]` follows.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceGeneration {
    /// What is new; in an event.
    token: Option<HuggingFaceGeneratedToken>,
    /// The likeliest tokens in its place; in an event.
    top_tokens: Vec<HuggingFaceGeneratedToken>,
    /// The whole text; null until the last event.
    generated_text: Option<String>,
    /// Why it ended, and more. Missing where it was not asked for, null with older servers.
    details: Option<HuggingFaceGenerationDetails>,
    /// An error, in any of its shapes. A success may carry one.
    error: Option<Value>,
    /// The kind of an error.
    error_type: Option<String>,
    /// The words of an error that is not under `error`.
    message: Option<Value>,
    /// The words of an error, as Python servers write them.
    detail: Option<Value>,
}

lenient::read_object! {
    HuggingFaceGeneration {
        token: Option<HuggingFaceGeneratedToken> = lenient::object, "token";
        top_tokens: Vec<HuggingFaceGeneratedToken> = lenient::objects, "top_tokens";
        generated_text: Option<String> = lenient::text, "generated_text";
        details: Option<HuggingFaceGenerationDetails> = lenient::object, "details";
        error: Option<Value> = lenient::told, "error";
        error_type: Option<String> = lenient::word, "error_type";
        message: Option<Value> = lenient::told, "message";
        detail: Option<Value> = lenient::told, "detail";
    }
}

impl lenient::Weigh for HuggingFaceGeneration {
    fn weight(&self) -> usize {
        self.top_tokens.len().saturating_add(16)
    }
}

/// A token that was generated.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceGeneratedToken {
    /// The token.
    text: Option<String>,
    /// The natural logarithm of its probability.
    #[getter(copy)]
    logprob: Option<f64>,
    /// Whether it is none of the text, as `</s>`.
    #[getter(copy)]
    special: Option<bool>,
}

lenient::read_object! {
    HuggingFaceGeneratedToken {
        text: Option<String> = lenient::text, "text";
        logprob: Option<f64> = lenient::number, "logprob";
        special: Option<bool> = lenient::flag, "special";
    }
}

impl lenient::Weigh for HuggingFaceGeneratedToken {}

/// What a server says of an answer as a whole.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceGenerationDetails {
    /// `length`, `eos_token`, `stop_sequence`.
    finish_reason: Option<String>,
    /// How many tokens were added, the one that ended it included.
    #[getter(copy)]
    generated_tokens: Option<u64>,
    /// How many tokens the prompt has; in a stream of a newer server.
    #[getter(copy)]
    input_length: Option<u64>,
    /// The tokens of a plain answer, as the text that came.
    tokens: Option<HuggingFaceLogprobs>,
    /// The likeliest tokens in the place of each, as the text that came.
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

/// A plain answer: an object, or a list of one.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct HuggingFaceGenerations(
    #[serde(deserialize_with = "lenient::one_or_more")] Vec<HuggingFaceGeneration>,
);

impl HuggingFaceGenerations {
    /// The answers, without copying them.
    pub(in crate::huggingface) fn into_vec(self) -> Vec<HuggingFaceGeneration> {
        self.0
    }
}

/// What an answer holds.
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
    /// Its contents, without copying them. An error counts wherever it stands.
    pub(in crate::huggingface) fn into_parts(self) -> Generated {
        let Self { token, top_tokens, generated_text, details, error, error_type, message, detail } = self;
        let error = error.or(message).or(detail);
        Generated { token, top_tokens, generated_text, details, error, error_type }
    }
}

impl HuggingFaceGeneratedToken {
    /// Its text, without copying it.
    pub(in crate::huggingface) fn into_text(self) -> String {
        self.text.unwrap_or_default()
    }
}
