//! The request body of `/chat/completions`.

use super::HuggingFaceMessage;
use super::HuggingFaceResponseFormat;
use super::HuggingFaceTool;
use super::HuggingFaceToolChoice;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The request body of `/chat/completions`.
///
/// `model` comes first, because the router looks for it in the first bytes of the body. Unset fields are left out, because several
/// servers fail on a null.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceRequest {
    /// The model, with its route: `org/model:cheapest`.
    #[builder(setter(into))]
    pub(in crate::huggingface) model: String,
    /// The conversation.
    pub(in crate::huggingface) messages: Vec<HuggingFaceMessage>,
    /// Maximum number of completion tokens.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) max_tokens: Option<u32>,
    /// The same limit under OpenAI's current name. OpenAI's reasoning models reject `max_tokens`; other servers do not know this name.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) max_completion_tokens: Option<u32>,
    /// 0 to 2; 0 is greedy.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) temperature: Option<f64>,
    /// Above 0 and up to 1. TGI rejects 1.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) top_p: Option<f64>,
    /// -2 to 2.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) frequency_penalty: Option<f64>,
    /// -2 to 2. For TGI even 0 is a penalty.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) presence_penalty: Option<f64>,
    /// Unsigned: TGI rejects a negative seed.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) seed: Option<u64>,
    /// Always a list: TGI rejects a bare string.
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::huggingface) stop: Vec<String>,
    /// Number of choices. TGI always returns one.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) n: Option<u32>,
    /// `true` to return log probabilities.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) logprobs: Option<bool>,
    /// Number of most likely tokens to return per position. Only valid with `logprobs: true`. TGI allows up to 5.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) top_logprobs: Option<u32>,
    /// Bias by token id, -100 to 100. TGI ignores it.
    #[builder(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::huggingface) logit_bias: BTreeMap<u32, f64>,
    /// Tools that the model may call. Left out if empty: servers reject an empty list next to a response format.
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::huggingface) tools: Vec<HuggingFaceTool>,
    /// Rule for calling tools.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) tool_choice: Option<HuggingFaceToolChoice>,
    /// `true` to allow several calls in one message.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) parallel_tool_calls: Option<bool>,
    /// Response format. Left out for text, because TGI does not know `text`.
    #[builder(default, setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) response_format: Option<Box<HuggingFaceResponseFormat>>,
    /// `none`, `minimal`, `low`, `medium`, `high`, `xhigh`.
    #[builder(default, setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) reasoning_effort: Option<String>,
    /// Id of the end user, chosen by the caller.
    #[builder(default, setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) user: Option<String>,
    /// `true` to stream the response.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) stream: Option<bool>,
    /// Only valid with `stream: true`.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) stream_options: Option<HuggingFaceStreamOptions>,
    /// Fields without a type here.
    #[builder(default)]
    #[serde(flatten)]
    pub(in crate::huggingface) extra: Map<String, Value>,
}

/// Options of a streamed response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HuggingFaceStreamOptions {
    /// `true` to send the usage at the end.
    pub include_usage: bool,
}

impl HuggingFaceRequest {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceRequestBuilder {
        HuggingFaceRequestBuilder::default()
    }

    /// Returns the request with another model name.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = model.into();
        self
    }

    /// Moves the token limit to OpenAI's current name.
    pub(in crate::huggingface) fn rename_max_tokens(&mut self) {
        self.max_completion_tokens = self.max_completion_tokens.or(self.max_tokens.take());
    }

    /// Returns the request for a streamed response, with usage at the end.
    pub fn streaming(mut self) -> Self {
        self.stream = Some(true);
        self.stream_options = Some(HuggingFaceStreamOptions { include_usage: true });
        self
    }
}
