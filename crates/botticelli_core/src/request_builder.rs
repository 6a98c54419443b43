//! A builder of a chat request.

use crate::generation::{builder_setters, with_parameters};
use crate::{
    GenerateRequest, GenerationConfig, Message, ReasoningEffort, ResponseFormat, Timeouts, ToolChoice,
    ToolDefinition,
};
use botticelli_error::BotticelliError;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A builder of a [`GenerateRequest`], which validates it in [`build`](Self::build).
#[derive(Default)]
#[expect(missing_debug_implementations, reason = "a half-built request is not shown")]
pub struct GenerateRequestBuilder {
    request: GenerateRequest,
}

with_parameters!(builder_setters!(GenerateRequestBuilder));

impl GenerateRequest {
    /// Returns a builder with no setting.
    pub fn builder() -> GenerateRequestBuilder {
        GenerateRequestBuilder::default()
    }
}

impl GenerateRequestBuilder {
    /// Conversation so far, at least one message.
    pub fn messages(mut self, messages: Vec<Message>) -> Self {
        self.request = self.request.with_messages(messages);
        self
    }

    /// Model name, with or without a route. Default: the driver's model.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.request = self.request.with_model(model);
        self
    }

    /// Number of choices to generate, at least 1. Each is billed. Many providers accept 1 only.
    pub fn n(mut self, n: u32) -> Self {
        self.request = self.request.with_n(n);
        self
    }

    /// Request for the log probability of each token. Default: no.
    pub fn logprobs(mut self, logprobs: bool) -> Self {
        self.request = self.request.with_logprobs(logprobs);
        self
    }

    /// Number of most likely tokens to report per position, up to 20. Requires `logprobs(true)`.
    pub fn top_logprobs(mut self, top_logprobs: u32) -> Self {
        self.request = self.request.with_top_logprobs(top_logprobs);
        self
    }

    /// Bias per token id of the model's vocabulary, from -100 to 100. Positive values make a token more likely.
    pub fn logit_bias(mut self, logit_bias: BTreeMap<u32, f64>) -> Self {
        self.request = self.request.with_logit_bias(logit_bias);
        self
    }

    /// Tools that the model may call.
    pub fn tools(mut self, tools: Vec<ToolDefinition>) -> Self {
        self.request = self.request.with_tools(tools);
        self
    }

    /// Permission or obligation to call tools. Default: the model decides.
    pub fn tool_choice(mut self, tool_choice: ToolChoice) -> Self {
        self.request = self.request.with_tool_choice(tool_choice);
        self
    }

    /// Permission to call several tools in one turn. Some providers ignore it.
    pub fn parallel_tool_calls(mut self, parallel_tool_calls: bool) -> Self {
        self.request = self.request.with_parallel_tool_calls(parallel_tool_calls);
        self
    }

    /// Format of the response. Default: text.
    pub fn response_format(mut self, response_format: impl Into<Box<ResponseFormat>>) -> Self {
        self.request = self.request.with_response_format(*response_format.into());
        self
    }

    /// Amount of reasoning before the response.
    pub fn reasoning_effort(mut self, reasoning_effort: ReasoningEffort) -> Self {
        self.request = self.request.with_reasoning_effort(reasoning_effort);
        self
    }

    /// Your own identifier for the end user, for the provider's abuse detection.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.request = self.request.with_user(user);
        self
    }

    /// Omission of the driver's defaults (`[llm.generation]`): only the request's own settings are sent. Default: `false`.
    pub fn without_defaults(mut self, without_defaults: bool) -> Self {
        self.request = self.request.with_without_defaults(without_defaults);
        self
    }

    /// Timeouts for this request. Default: the driver's. Neither sent nor stored.
    pub fn timeouts(mut self, timeouts: impl Into<Box<Timeouts>>) -> Self {
        self.request = self.request.with_timeouts(*timeouts.into());
        self
    }

    /// Fields of the service that have no setting here, merged into the body last. A field that has a setting is an error. A
    /// null is not sent.
    pub fn extra(mut self, extra: Map<String, Value>) -> Self {
        self.request = self.request.with_extra(extra);
        self
    }

    /// Builds the request.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no messages, a number out
    /// of range, an empty stop text, a typed field in `extra`.
    #[track_caller]
    pub fn build(self) -> Result<GenerateRequest, BotticelliError> {
        self.request.validate()?;
        Ok(self.request)
    }

    fn parameters_mut(&mut self) -> &mut GenerationConfig {
        self.request.parameters_mut()
    }
}
