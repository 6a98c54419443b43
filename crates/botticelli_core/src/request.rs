//! What is asked of a model.

mod validate;

use crate::{
    GenerationConfig, Message, ReasoningEffort, ResponseFormat, Timeouts, ToolChoice, ToolDefinition,
};
use botticelli_error::{BotticelliError, PartialResponse};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What is asked of a model.
///
/// Only what is set is sent, so that every server keeps its own defaults. Numbers are checked when it is built.
///
/// ```
/// use botticelli_core::{GenerateRequest, Message};
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let request = GenerateRequest::builder()
///     .messages(vec![Message::user("Name three painters")])
///     .model("openai/gpt-oss-20b:cheapest")
///     .max_tokens(100)
///     .temperature(0.7)
///     .build()?;
/// assert_eq!(request.temperature(), Some(0.7));
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
    /// The conversation so far, at least one message.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    messages: Vec<Message>,
    /// The model to ask; where it is not set, the driver's.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// The most tokens that the answer may have, at least 1. Not set: the server's default, which may be low.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    /// How freely words are picked, from 0 up (most servers take up to 2).
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// Only the likeliest words that make up this share are picked from, above 0 and up to 1.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    /// Texts that end the answer where they would appear; most servers take up to 4. An empty list is none, whatever the
    /// driver's defaults say.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<Vec<String>>,
    /// The same seed and request give the same answer, where the server can.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// Makes words rarer the more often they came, from -2 to 2.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    /// Makes words rarer once they came, from -2 to 2.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
    /// How many answers to give, at least 1; each is billed. Many providers give one only.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    /// Whether to say how likely each token was.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    /// How many of the likeliest tokens to tell for each place, up to 20; only beside `logprobs(true)`.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    /// Makes tokens likelier or rarer by their number in the model's vocabulary, from -100 to 100.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    logit_bias: BTreeMap<u32, f64>,
    /// The tools that the model may call.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolDefinition>,
    /// Whether it may, must or must not call them. Not set: it may.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoice>,
    /// Whether it may call several tools in one turn. Not every provider reads it.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    /// In what form the answer is wanted. Not set: text.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat>,
    /// How much the model is to think before it answers.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<ReasoningEffort>,
    /// Who asks, as a name of your own, for the provider's watch over abuse.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// Whether the driver's defaults (`[llm.generation]`) are left out: only what the request sets itself is sent.
    /// Default: `false`.
    #[getter(copy)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    without_defaults: bool,
    /// How long to wait for this answer; where it is not set, as long as the driver does. Not sent, and not stored.
    #[getter(copy)]
    #[serde(skip)]
    timeouts: Option<Timeouts>,
    /// Fields of the service that have no field here, merged into the body last. One that has is a build
    /// error; one that is null is not sent.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: Map<String, Value>,
}

impl GenerateRequest {
    /// The names of the typed fields, none of which may stand in [`extra`](Self::extra).
    pub const TYPED_FIELDS: &[&str] = &[
        "messages",
        "model",
        "max_tokens",
        "temperature",
        "top_p",
        "stop",
        "seed",
        "frequency_penalty",
        "presence_penalty",
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

    /// Sets one field after the other.
    pub fn builder() -> GenerateRequestBuilder {
        GenerateRequestBuilder::default()
    }

    /// The conversation so far.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The model to ask; where it is not set, the driver's.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Texts that end the answer where they would appear.
    pub fn stop(&self) -> &[String] {
        self.stop.as_deref().unwrap_or_default()
    }

    /// The tools that the model may call.
    pub fn tools(&self) -> &[ToolDefinition] {
        &self.tools
    }

    /// Whether it may, must or must not call them.
    pub fn tool_choice(&self) -> Option<&ToolChoice> {
        self.tool_choice.as_ref()
    }

    /// In what form the answer is wanted; `None` is text.
    pub fn response_format(&self) -> Option<&ResponseFormat> {
        self.response_format.as_ref()
    }

    /// How much the model is to think before it answers.
    pub fn reasoning_effort(&self) -> Option<&ReasoningEffort> {
        self.reasoning_effort.as_ref()
    }

    /// Who asks, as a name of the caller's own.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The same request, with one more turn at the end of its conversation.
    pub fn with_message(mut self, message: impl Into<Message>) -> Self {
        self.messages.push(message.into());
        self
    }

    /// The same request, with this conversation.
    pub fn with_messages(mut self, messages: Vec<Message>) -> Self {
        self.messages = messages;
        self
    }

    /// The same request, with these tools for the model to call.
    pub fn with_tools(mut self, tools: Vec<ToolDefinition>) -> Self {
        self.tools = tools;
        self
    }

    /// The same request, where the model may, must or must not call tools.
    pub fn with_tool_choice(mut self, choice: Option<ToolChoice>) -> Self {
        self.tool_choice = choice;
        self
    }

    /// The same request, whose answer is wanted in this form; `None` is text.
    pub fn with_response_format(mut self, format: Option<ResponseFormat>) -> Self {
        self.response_format = format;
        self
    }

    /// The same request to another model.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// The request that goes on from where an answer broke off: what had arrived becomes the assistant's last turn.
    ///
    /// Reasoning and half a tool call are left behind. Whether a model takes up its own words is up to the model; the
    /// tokens of the prompt are billed again.
    ///
    /// ```
    /// use botticelli_core::{GenerateRequest, Role};
    /// use botticelli_error::PartialResponse;
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

    /// The same request, with `defaults` where it says nothing itself; unchanged if it is `without_defaults`.
    pub fn with_defaults(mut self, defaults: &GenerationConfig) -> Self {
        if self.without_defaults {
            return self;
        }
        self.max_tokens = self.max_tokens.or(defaults.max_tokens.map(Into::into));
        self.temperature = self.temperature.or(defaults.temperature);
        self.top_p = self.top_p.or(defaults.top_p);
        self.seed = self.seed.or(defaults.seed);
        self.frequency_penalty = self.frequency_penalty.or(defaults.frequency_penalty);
        self.presence_penalty = self.presence_penalty.or(defaults.presence_penalty);
        if self.stop.is_none() && !defaults.stop.is_empty() {
            self.stop = Some(defaults.stop.clone());
        }
        self
    }
}

impl GenerateRequestBuilder {
    /// Builds the request.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no messages, `max_tokens` 0, a number that
    /// is not finite or out of its range, an empty stop text, a typed field in `extra`.
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
