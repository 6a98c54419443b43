//! The content of a chat request.

use crate::{GenerationConfig, Message, ReasoningEffort, ResponseFormat, ToolChoice, ToolDefinition};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The conversation and the settings of a [`GenerateRequest`](super::GenerateRequest). Clones of a request share it until one of them changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename = "GenerateRequest")]
pub(super) struct Content {
    /// Conversation so far, at least one message.
    pub(super) messages: Vec<Message>,
    /// Model name, with or without a route. Default: the driver's model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    // serde flattens and denies unknown fields in this combination for structs; `requests_test` holds it to that.
    #[serde(flatten)]
    pub(super) generation: GenerationConfig,
    /// Number of choices to generate, at least 1. Each is billed. Many providers accept 1 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) n: Option<u32>,
    /// Request for the log probability of each token. Default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logprobs: Option<bool>,
    /// Number of most likely tokens to report per position, up to 20. Requires `logprobs(true)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_logprobs: Option<u32>,
    /// Bias per token id of the model's vocabulary, from -100 to 100. Positive values make a token more likely.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) logit_bias: BTreeMap<u32, f64>,
    /// Tools that the model may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<ToolDefinition>,
    /// Permission or obligation to call tools. Default: the model decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_choice: Option<ToolChoice>,
    /// Permission to call several tools in one turn. Some providers ignore it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parallel_tool_calls: Option<bool>,
    /// Format of the response. Default: text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<Box<ResponseFormat>>,
    /// Amount of reasoning before the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning_effort: Option<ReasoningEffort>,
    /// Your own identifier for the end user, for the provider's abuse detection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    /// Omission of the driver's defaults (`[llm.generation]`): only the request's own settings are sent. Default: `false`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) without_defaults: bool,
    /// Fields of the service that have no setting here, merged into the body last. A field that has a setting is an error. A
    /// null is not sent.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) extra: Map<String, Value>,
}

impl Content {
    /// Replaces every setting that `other` sets. The messages stay.
    pub(super) fn replace_settings(&mut self, other: &Self) {
        let Self {
            messages: _,
            model,
            generation,
            n,
            logprobs,
            top_logprobs,
            logit_bias,
            tools,
            tool_choice,
            parallel_tool_calls,
            response_format,
            reasoning_effort,
            user,
            without_defaults,
            extra,
        } = other.clone();
        self.model = model.or(self.model.take());
        self.generation = generation.or(&self.generation);
        self.n = n.or(self.n);
        self.logprobs = logprobs.or(self.logprobs);
        self.top_logprobs = top_logprobs.or(self.top_logprobs);
        if !logit_bias.is_empty() {
            self.logit_bias = logit_bias;
        }
        if !tools.is_empty() {
            self.tools = tools;
        }
        self.tool_choice = tool_choice.or(self.tool_choice.take());
        self.parallel_tool_calls = parallel_tool_calls.or(self.parallel_tool_calls);
        self.response_format = response_format.or(self.response_format.take());
        self.reasoning_effort = reasoning_effort.or(self.reasoning_effort.take());
        self.user = user.or(self.user.take());
        self.without_defaults |= without_defaults;
        self.extra.extend(extra);
    }
}
