//! What is asked of a model.

use crate::generation::Numbers;
use crate::{GenerationConfig, Message, Timeouts};
use botticelli_error::{BotticelliError, BuilderError, PartialAnswer};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
#[serde(default)]
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
    /// Texts that end the answer where they would appear; most servers take up to 4.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<String>,
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
        &self.stop
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
    /// use botticelli_error::PartialAnswer;
    ///
    /// let request: GenerateRequest = "Count to five".into();
    /// let resumed = request.resumed(&PartialAnswer::new("One, two, ", "", Vec::new()));
    /// assert_eq!(resumed.messages().last().map(|turn| turn.role()), Some(Role::Assistant));
    /// ```
    pub fn resumed(&self, partial: &PartialAnswer) -> Self {
        let mut request = self.clone();
        if !partial.text().is_empty() {
            request.messages.push(Message::assistant(partial.text()));
        }
        request
    }

    /// The same request, with `defaults` where it says nothing itself.
    pub fn with_defaults(mut self, defaults: &GenerationConfig) -> Self {
        self.max_tokens = self.max_tokens.or(defaults.max_tokens.map(Into::into));
        self.temperature = self.temperature.or(defaults.temperature);
        self.top_p = self.top_p.or(defaults.top_p);
        self.seed = self.seed.or(defaults.seed);
        self.frequency_penalty = self.frequency_penalty.or(defaults.frequency_penalty);
        self.presence_penalty = self.presence_penalty.or(defaults.presence_penalty);
        if self.stop.is_empty() {
            self.stop.clone_from(&defaults.stop);
        }
        self
    }

    /// Checks what the types cannot: a request may also come from a stored file or from `"text".into()`.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        if self.messages.is_empty() {
            let remedy = "give at least one, as Message::user(\"Hello\")";
            return Err(BuilderError::missing(OWNER, "messages", remedy).into());
        }
        if let Some(position) = self.messages.iter().position(Message::is_empty) {
            let field = format!("messages[{position}].content");
            return Err(refused(field, "empty", "a message says something", "give it at least one input"));
        }
        if self.max_tokens == Some(0) {
            let remedy = "give 1 or more, or leave it out for the server's default";
            return Err(refused("max_tokens", "0", "an answer has at least one token", remedy));
        }
        Numbers {
            owner: OWNER,
            temperature: self.temperature,
            top_p: self.top_p,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            stop: &self.stop,
        }
        .check()?;
        if let Some(name) = Self::TYPED_FIELDS.iter().find(|name| self.extra.contains_key(**name)) {
            let remedy = format!("call `.{name}(…)` on the builder instead");
            return Err(refused(format!("extra.{name}"), "set", "it has a field of its own", remedy));
        }
        Ok(())
    }
}

const OWNER: &str = "GenerateRequest";

#[track_caller]
fn refused(
    field: impl Into<String>,
    value: &str,
    reason: &'static str,
    remedy: impl Into<String>,
) -> BotticelliError {
    BuilderError::refused(OWNER, field.into(), value, reason, remedy.into()).into()
}

impl GenerateRequestBuilder {
    /// Builds the request.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: no messages, `max_tokens` 0, a number that
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
