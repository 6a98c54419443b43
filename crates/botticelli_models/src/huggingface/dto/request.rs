//! What is sent to `/chat/completions`.

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

/// What is sent to `/chat/completions`.
///
/// `model` goes first, because the router looks for it in the first bytes of the body; nothing that is not set goes
/// out, because several servers fail on a null.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceRequest {
    /// The model, with its route: `org/model:cheapest`.
    #[builder(setter(into))]
    model: String,
    /// The conversation.
    messages: Vec<HuggingFaceMessage>,
    /// The most tokens of the answer.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    /// The same, as OpenAI names it now: its reasoning models refuse `max_tokens`, and other servers do not know this name.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
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
    /// -2 to 2. On TGI even 0 is a penalty.
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
    /// How many answers. TGI gives one, whatever it is asked for.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    /// Whether to say how likely each token was.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    /// How many of the likeliest tokens to tell; only beside `logprobs: true`. TGI takes up to 5.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    /// By the number of the token, -100 to 100. TGI does not read it.
    #[builder(default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    logit_bias: BTreeMap<u32, f64>,
    /// What the model may call. Left out where there is none: an empty list is refused beside a form of the answer.
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<HuggingFaceTool>,
    /// Whether it may, must or must not.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<HuggingFaceToolChoice>,
    /// Whether several calls may stand in one turn.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    /// In what form the answer is wanted. TGI knows no `text`: that is what leaving it out means.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<HuggingFaceResponseFormat>,
    /// `none`, `minimal`, `low`, `medium`, `high`, `xhigh`.
    #[builder(default, setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<String>,
    /// Who asks, as a name of the caller's own.
    #[builder(default, setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
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

/// What a stream is asked to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HuggingFaceStreamOptions {
    /// Whether usage is wanted at the end.
    pub include_usage: bool,
}

impl HuggingFaceRequest {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceRequestBuilder {
        HuggingFaceRequestBuilder::default()
    }

    /// The same request, with the model under another name.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = model.into();
        self
    }

    /// The same request, with the token limit under OpenAI's name for it.
    pub(in crate::huggingface) fn with_max_completion_tokens(mut self) -> Self {
        self.max_completion_tokens = self.max_completion_tokens.or(self.max_tokens.take());
        self
    }

    /// The same request, to be answered piece by piece, with usage at the end.
    pub fn streaming(mut self) -> Self {
        self.stream = Some(true);
        self.stream_options = Some(HuggingFaceStreamOptions { include_usage: true });
        self
    }
}
