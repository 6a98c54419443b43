//! A chat request.

mod validate;

use crate::generation::{request_accessors, with_parameters};
use crate::{
    GenerationConfig, Message, ReasoningEffort, RequestMemo, ResponseFormat, RetryGate, SentFlag, Timeouts,
    ToolChoice, ToolDefinition,
};
use botticelli_error::{BotticelliError, PartialResponse};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A chat request: a conversation and its settings.
///
/// Only settings that are set are sent. The server applies its own defaults to the others.
///
/// ```
/// use botticelli::GenerateRequest;
///
/// let request = GenerateRequest::from("Name three painters")
///     .with_model("openai/gpt-oss-20b:cheapest")
///     .with_max_tokens(100)
///     .with_temperature(0.7);
/// assert_eq!(request.temperature(), Some(0.7));
/// ```
///
/// The `with_*` methods accept any value, and the driver validates the request before it sends anything. The builder has a
/// setter for each setting too, and validates in `build`:
///
/// ```
/// use botticelli::{GenerateRequest, Message};
///
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let request = GenerateRequest::builder()
///     .messages(vec![Message::user("Name three painters")])
///     .max_tokens(100)
///     .build()?;
/// assert_eq!(request.max_tokens(), Some(100));
///
/// let mistake = GenerateRequest::builder().messages(vec![Message::user("Hi")]).max_tokens(0).build();
/// assert!(mistake.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default, deny_unknown_fields)]
pub struct GenerateRequest {
    /// Conversation so far, at least one message.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    messages: Vec<Message>,
    /// Model name, with or without a route. Default: the driver's model.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    // serde flattens and denies unknown fields in this combination for structs; `requests_test` holds it to that.
    #[getter(skip)]
    #[builder(setter(custom), field(ty = "GenerationConfig", build = "self.generation"))]
    #[serde(flatten)]
    generation: GenerationConfig,
    /// Number of choices to generate, at least 1. Each is billed. Many providers accept 1 only.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    /// Request for the log probability of each token. Default: no.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    /// Number of most likely tokens to report per position, up to 20. Requires `logprobs(true)`.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    /// Bias per token id of the model's vocabulary, from -100 to 100. Positive values make a token more likely.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    logit_bias: BTreeMap<u32, f64>,
    /// Tools that the model may call.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolDefinition>,
    /// Permission or obligation to call tools. Default: the model decides.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoice>,
    /// Permission to call several tools in one turn. Some providers ignore it.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    /// Format of the response. Default: text.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Box<ResponseFormat>>,
    /// Amount of reasoning before the response.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<ReasoningEffort>,
    /// Your own identifier for the end user, for the provider's abuse detection.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// Omission of the driver's defaults (`[llm.generation]`): only the request's own settings are sent. Default: `false`.
    #[getter(copy)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    without_defaults: bool,
    /// Timeouts for this request. Default: the driver's. Neither sent nor stored.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip)]
    timeouts: Option<Box<Timeouts>>,
    /// Permission for retries after attempts that may be billed. Wrappers set it. Neither sent nor stored.
    #[getter(skip)]
    #[builder(setter(skip))]
    #[serde(skip)]
    retry_gate: Option<RetryGate>,
    /// Record of whether the call was sent. Wrappers set it. Neither sent nor stored.
    #[getter(skip)]
    #[builder(setter(skip))]
    #[serde(skip)]
    sent_flag: Option<SentFlag>,
    /// Place for the form that the driver gives the request. Wrappers set it. Neither sent nor stored.
    #[getter(skip)]
    #[builder(setter(skip))]
    #[serde(skip)]
    memo: Option<RequestMemo>,
    /// Fields of the service that have no setting here, merged into the body last. A field that has a setting is an error. A
    /// null is not sent.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: Map<String, Value>,
}

with_parameters!(request_accessors!(GenerateRequest, GenerateRequestBuilder));

/// The names of the settings that [`GenerateRequest::extra`] must not repeat, without those of [`GenerationConfig`].
const FIELDS: &[&str] = &[
    "messages",
    "model",
    "n",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "user",
];

impl GenerateRequest {
    /// Returns the JSON names of the settings, none of which [`extra`](Self::extra) may contain.
    pub fn typed_fields() -> impl Iterator<Item = &'static str> {
        FIELDS.iter().chain(GenerationConfig::FIELDS).copied()
    }

    /// Returns a builder with no setting.
    pub fn builder() -> GenerateRequestBuilder {
        GenerateRequestBuilder::default()
    }

    /// Returns the conversation so far.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Returns the model name. `None` is the driver's model.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Returns the tools that the model may call.
    pub fn tools(&self) -> &[ToolDefinition] {
        &self.tools
    }

    /// Returns the permission or obligation to call tools.
    pub fn tool_choice(&self) -> Option<&ToolChoice> {
        self.tool_choice.as_ref()
    }

    /// Returns the format of the response. `None` is text.
    pub fn response_format(&self) -> Option<&ResponseFormat> {
        self.response_format.as_deref()
    }

    /// Returns the amount of reasoning before the response.
    pub fn reasoning_effort(&self) -> Option<&ReasoningEffort> {
        self.reasoning_effort.as_ref()
    }

    /// Returns the timeouts for this request. `None` is the driver's.
    pub fn timeouts(&self) -> Option<Timeouts> {
        self.timeouts.as_deref().copied()
    }

    /// Returns your own identifier for the end user.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Appends a message to the conversation.
    pub fn with_message(mut self, message: impl Into<Message>) -> Self {
        self.messages.push(message.into());
        self
    }

    /// Replaces the conversation.
    pub fn with_messages(mut self, messages: Vec<Message>) -> Self {
        self.messages = messages;
        self
    }

    /// Sets the model, in place of the driver's.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Removes the model, so that the driver's model is used.
    pub fn without_model(mut self) -> Self {
        self.model = None;
        self
    }

    /// Sets the number of choices to generate, at least 1. Each is billed.
    pub fn with_n(mut self, n: impl Into<Option<u32>>) -> Self {
        self.n = n.into();
        self
    }

    /// Requests the log probability of each token.
    pub fn with_logprobs(mut self, logprobs: impl Into<Option<bool>>) -> Self {
        self.logprobs = logprobs.into();
        self
    }

    /// Sets the number of most likely tokens to report per position, up to 20. Requires `with_logprobs(true)`.
    pub fn with_top_logprobs(mut self, top_logprobs: impl Into<Option<u32>>) -> Self {
        self.top_logprobs = top_logprobs.into();
        self
    }

    /// Sets the bias per token id, from -100 to 100.
    pub fn with_logit_bias(mut self, logit_bias: BTreeMap<u32, f64>) -> Self {
        self.logit_bias = logit_bias;
        self
    }

    /// Replaces the tools that the model may call.
    pub fn with_tools(mut self, tools: Vec<ToolDefinition>) -> Self {
        self.tools = tools;
        self
    }

    /// Sets the permission or obligation to call tools.
    pub fn with_tool_choice(mut self, choice: impl Into<Option<ToolChoice>>) -> Self {
        self.tool_choice = choice.into();
        self
    }

    /// Permits or forbids several tool calls in one turn.
    pub fn with_parallel_tool_calls(mut self, parallel_tool_calls: impl Into<Option<bool>>) -> Self {
        self.parallel_tool_calls = parallel_tool_calls.into();
        self
    }

    /// Sets the format of the response. `None` is text.
    pub fn with_response_format(mut self, format: impl Into<Option<ResponseFormat>>) -> Self {
        self.response_format = format.into().map(Box::new);
        self
    }

    /// Sets the amount of reasoning before the response.
    pub fn with_reasoning_effort(mut self, effort: impl Into<Option<ReasoningEffort>>) -> Self {
        self.reasoning_effort = effort.into();
        self
    }

    /// Sets your own identifier for the end user.
    pub fn with_user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Omits the driver's defaults, if `true`.
    pub fn with_without_defaults(mut self, without_defaults: bool) -> Self {
        self.without_defaults = without_defaults;
        self
    }

    /// Sets the timeouts for this request. `None` is the driver's.
    pub fn with_timeouts(mut self, timeouts: impl Into<Option<Timeouts>>) -> Self {
        self.timeouts = timeouts.into().map(Box::new);
        self
    }

    /// Sets the permission for retries after attempts that may be billed.
    pub fn with_retry_gate(mut self, gate: impl Into<Option<RetryGate>>) -> Self {
        self.retry_gate = gate.into();
        self
    }

    /// Returns the permission for retries after attempts that may be billed.
    pub fn retry_gate(&self) -> Option<&RetryGate> {
        self.retry_gate.as_ref()
    }

    /// Sets the record of whether the call was sent.
    pub fn with_sent_flag(mut self, flag: impl Into<Option<SentFlag>>) -> Self {
        self.sent_flag = flag.into();
        self
    }

    /// Returns the record of whether the call was sent.
    pub fn sent_flag(&self) -> Option<&SentFlag> {
        self.sent_flag.as_ref()
    }

    /// Sets the place for the form that the driver gives the request.
    pub fn with_memo(mut self, memo: impl Into<Option<RequestMemo>>) -> Self {
        self.memo = memo.into();
        self
    }

    /// Returns the place for the form that the driver gives the request.
    pub fn memo(&self) -> Option<&RequestMemo> {
        self.memo.as_ref()
    }

    /// Returns whether a driver sends the same for both requests. Timeouts, and what wrappers set, are not sent.
    pub fn has_same_content(&self, other: &Self) -> bool {
        // Named one by one, so that a new field cannot be forgotten here.
        let Self {
            messages,
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
            timeouts: _,
            retry_gate: _,
            sent_flag: _,
            memo: _,
            extra,
        } = self;
        let json = |request: &Self| serde_json::to_string(request).ok();
        *messages == other.messages
            && *model == other.model
            && *generation == other.generation
            && *n == other.n
            && *logprobs == other.logprobs
            && *top_logprobs == other.top_logprobs
            && *logit_bias == other.logit_bias
            && *tools == other.tools
            && *tool_choice == other.tool_choice
            && *parallel_tool_calls == other.parallel_tool_calls
            && *response_format == other.response_format
            && *reasoning_effort == other.reasoning_effort
            && *user == other.user
            && *without_defaults == other.without_defaults
            && *extra == other.extra
            && (self.has_no_objects() || json(self) == json(other))
    }

    /// Returns whether the request has no JSON objects. Objects with their keys in another order are equal, but not sent alike.
    fn has_no_objects(&self) -> bool {
        self.tools.is_empty()
            && self.response_format.is_none()
            && self.extra.is_empty()
            && self.messages.iter().all(|message| message.tool_calls().is_empty())
    }

    /// Replaces the fields of the service that have no setting here.
    pub fn with_extra(mut self, extra: Map<String, Value>) -> Self {
        self.extra = extra;
        self
    }

    /// Returns the request that continues an interrupted response. The partial text becomes the last turn of the assistant.
    ///
    /// Reasoning and incomplete tool calls are left out. Some models start over instead of continuing. The prompt tokens are
    /// billed again.
    ///
    /// ```
    /// use botticelli::{GenerateRequest, Role};
    /// use botticelli::PartialResponse;
    ///
    /// let request: GenerateRequest = "Count to five".into();
    /// let resumed = request.resumed(&PartialResponse::new("One, two, ", "", Vec::new()));
    /// assert_eq!(resumed.messages().last().map(|turn| turn.role()), Some(Role::Assistant));
    /// ```
    pub fn resumed(&self, partial: &PartialResponse) -> Self {
        let mut request = self.clone();
        if !partial.text().is_empty() {
            request.messages.push(Message::assistant(partial.text()));
        }
        request
    }
}

impl GenerateRequestBuilder {
    /// Builds the request.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no messages, a number out
    /// of range, an empty stop text, a typed field in `extra`.
    #[track_caller]
    pub fn build(self) -> Result<GenerateRequest, BotticelliError> {
        let request = self.build_unchecked()?;
        request.validate()?;
        Ok(request)
    }
}

impl From<Vec<Message>> for GenerateRequest {
    fn from(messages: Vec<Message>) -> Self {
        Self { messages, ..Self::default() }
    }
}

impl From<Message> for GenerateRequest {
    fn from(message: Message) -> Self {
        vec![message].into()
    }
}

impl From<&str> for GenerateRequest {
    fn from(text: &str) -> Self {
        Message::user(text).into()
    }
}

impl From<String> for GenerateRequest {
    fn from(text: String) -> Self {
        Message::user(text).into()
    }
}
