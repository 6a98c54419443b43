//! A chat request.

mod content;
mod validate;

use self::content::Content;
use crate::generation::{request_accessors, with_parameters};
use crate::{
    GenerationConfig, Message, ReasoningEffort, RequestMemo, ResponseFormat, RetryGate, SentFlag, Timeouts,
    ToolChoice, ToolDefinition,
};
use botticelli_error::PartialResponse;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

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
///
/// Clones share the conversation and the settings until one of them changes, so that a clone of a long conversation is cheap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenerateRequest {
    content: Arc<Content>,
    /// Timeouts for this request. Default: the driver's. Neither sent nor stored.
    timeouts: Option<Box<Timeouts>>,
    /// Permission for retries after attempts that may be billed. Wrappers set it. Neither sent nor stored.
    retry_gate: Option<RetryGate>,
    /// Record of whether the call was sent. Wrappers set it. Neither sent nor stored.
    sent_flag: Option<SentFlag>,
    /// Place for the form that the driver gives the request. Wrappers set it. Neither sent nor stored.
    memo: Option<RequestMemo>,
    /// Omission of caches. Neither sent nor stored.
    skips_cache: bool,
}

with_parameters!(request_accessors!(GenerateRequest));

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

    fn of(content: Content) -> Self {
        let content = Arc::new(content);
        Self { content, timeouts: None, retry_gate: None, sent_flag: None, memo: None, skips_cache: false }
    }

    fn content_mut(&mut self) -> &mut Content {
        Arc::make_mut(&mut self.content)
    }

    fn parameters(&self) -> &GenerationConfig {
        &self.content.generation
    }

    pub(crate) fn parameters_mut(&mut self) -> &mut GenerationConfig {
        &mut self.content_mut().generation
    }

    /// Returns the conversation so far.
    pub fn messages(&self) -> &[Message] {
        &self.content.messages
    }

    /// Returns the model name. `None` is the driver's model.
    pub fn model(&self) -> Option<&str> {
        self.content.model.as_deref()
    }

    /// Returns the tools that the model may call.
    pub fn tools(&self) -> &[ToolDefinition] {
        &self.content.tools
    }

    /// Returns the permission or obligation to call tools.
    pub fn tool_choice(&self) -> Option<&ToolChoice> {
        self.content.tool_choice.as_ref()
    }

    /// Returns the format of the response. `None` is text.
    pub fn response_format(&self) -> Option<&ResponseFormat> {
        self.content.response_format.as_deref()
    }

    /// Returns the amount of reasoning before the response.
    pub fn reasoning_effort(&self) -> Option<&ReasoningEffort> {
        self.content.reasoning_effort.as_ref()
    }

    /// Returns the timeouts for this request. `None` is the driver's.
    pub fn timeouts(&self) -> Option<Timeouts> {
        self.timeouts.as_deref().copied()
    }

    /// Returns your own identifier for the end user.
    pub fn user(&self) -> Option<&str> {
        self.content.user.as_deref()
    }

    /// Returns the number of choices to generate. `None` is one.
    pub fn n(&self) -> Option<u32> {
        self.content.n
    }

    /// Returns whether the request asks for the log probability of each token.
    pub fn logprobs(&self) -> Option<bool> {
        self.content.logprobs
    }

    /// Returns the number of most likely tokens to report per position.
    pub fn top_logprobs(&self) -> Option<u32> {
        self.content.top_logprobs
    }

    /// Returns the bias per token id.
    pub fn logit_bias(&self) -> &BTreeMap<u32, f64> {
        &self.content.logit_bias
    }

    /// Returns the permission to call several tools in one turn.
    pub fn parallel_tool_calls(&self) -> Option<bool> {
        self.content.parallel_tool_calls
    }

    /// Returns whether the driver's defaults are left out.
    pub fn without_defaults(&self) -> bool {
        self.content.without_defaults
    }

    /// Returns the fields of the service that have no setting here.
    pub fn extra(&self) -> &Map<String, Value> {
        &self.content.extra
    }

    /// Appends a message to the conversation.
    pub fn with_message(mut self, message: impl Into<Message>) -> Self {
        self.content_mut().messages.push(message.into());
        self
    }

    /// Replaces the conversation.
    pub fn with_messages(mut self, messages: Vec<Message>) -> Self {
        self.content_mut().messages = messages;
        self
    }

    /// Sets the model, in place of the driver's.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.content_mut().model = Some(model.into());
        self
    }

    /// Removes the model, so that the driver's model is used.
    pub fn without_model(mut self) -> Self {
        if self.content.model.is_some() {
            self.content_mut().model = None;
        }
        self
    }

    /// Replaces every setting that `settings` sets. The conversation stays, and the fields of [`extra`](Self::extra) are added.
    pub fn with_settings(mut self, settings: &Self) -> Self {
        self.content_mut().replace_settings(&settings.content);
        self.timeouts = settings.timeouts.clone().or(self.timeouts);
        self
    }

    /// Sets the number of choices to generate, at least 1. Each is billed.
    pub fn with_n(mut self, n: impl Into<Option<u32>>) -> Self {
        self.content_mut().n = n.into();
        self
    }

    /// Requests the log probability of each token.
    pub fn with_logprobs(mut self, logprobs: impl Into<Option<bool>>) -> Self {
        self.content_mut().logprobs = logprobs.into();
        self
    }

    /// Sets the number of most likely tokens to report per position, up to 20. Requires `with_logprobs(true)`.
    pub fn with_top_logprobs(mut self, top_logprobs: impl Into<Option<u32>>) -> Self {
        self.content_mut().top_logprobs = top_logprobs.into();
        self
    }

    /// Sets the bias per token id, from -100 to 100.
    pub fn with_logit_bias(mut self, logit_bias: BTreeMap<u32, f64>) -> Self {
        self.content_mut().logit_bias = logit_bias;
        self
    }

    /// Replaces the tools that the model may call.
    pub fn with_tools(mut self, tools: Vec<ToolDefinition>) -> Self {
        self.content_mut().tools = tools;
        self
    }

    /// Sets the permission or obligation to call tools.
    pub fn with_tool_choice(mut self, choice: impl Into<Option<ToolChoice>>) -> Self {
        self.content_mut().tool_choice = choice.into();
        self
    }

    /// Permits or forbids several tool calls in one turn.
    pub fn with_parallel_tool_calls(mut self, parallel_tool_calls: impl Into<Option<bool>>) -> Self {
        self.content_mut().parallel_tool_calls = parallel_tool_calls.into();
        self
    }

    /// Sets the format of the response. `None` is text.
    pub fn with_response_format(mut self, format: impl Into<Option<ResponseFormat>>) -> Self {
        self.content_mut().response_format = format.into().map(Box::new);
        self
    }

    /// Sets the amount of reasoning before the response.
    pub fn with_reasoning_effort(mut self, effort: impl Into<Option<ReasoningEffort>>) -> Self {
        self.content_mut().reasoning_effort = effort.into();
        self
    }

    /// Sets your own identifier for the end user.
    pub fn with_user(mut self, user: impl Into<String>) -> Self {
        self.content_mut().user = Some(user.into());
        self
    }

    /// Omits the driver's defaults, if `true`.
    pub fn with_without_defaults(mut self, without_defaults: bool) -> Self {
        self.content_mut().without_defaults = without_defaults;
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

    /// Sends the request also if a cache has its response, and keeps the response out of the cache, if `true`: for a second attempt at a
    /// response that did not fit, and for several responses to one request.
    pub fn with_skips_cache(mut self, skips_cache: bool) -> Self {
        self.skips_cache = skips_cache;
        self
    }

    /// Returns whether caches do not answer the request, nor keep its response.
    pub fn skips_cache(&self) -> bool {
        self.skips_cache
    }

    /// Returns whether a driver sends the same for both requests. Timeouts, and what wrappers set, are not sent.
    pub fn has_same_content(&self, other: &Self) -> bool {
        let json = |request: &Self| serde_json::to_string(request).ok();
        Arc::ptr_eq(&self.content, &other.content)
            || (self.content == other.content && (self.has_no_objects() || json(self) == json(other)))
    }

    /// Returns whether the request has no JSON objects. Objects with their keys in another order are equal, but not sent alike.
    fn has_no_objects(&self) -> bool {
        self.content.tools.is_empty()
            && self.content.response_format.is_none()
            && self.content.extra.is_empty()
            && self.content.messages.iter().all(|message| message.tool_calls().is_empty())
    }

    /// Replaces the fields of the service that have no setting here.
    pub fn with_extra(mut self, extra: Map<String, Value>) -> Self {
        self.content_mut().extra = extra;
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
            request.content_mut().messages.push(Message::assistant(partial.text()));
        }
        request
    }
}

impl From<Vec<Message>> for GenerateRequest {
    fn from(messages: Vec<Message>) -> Self {
        Self::of(Content { messages, ..Content::default() })
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

/// Only the content is stored.
impl Serialize for GenerateRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.content.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for GenerateRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Content::deserialize(deserializer).map(Self::of)
    }
}
