//! What a model is asked to go on with.

use crate::generation::Numbers;
use crate::{GenerationConfig, Timeouts};
use botticelli_error::{BotticelliError, BuilderError, PartialResponse};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A text that a model is asked to go on with: what a base model does, which knows no conversation.
///
/// Only what is set is sent, so that every server keeps its own defaults. Numbers are checked when it is built.
///
/// ```
/// use botticelli_core::CompletionRequest;
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let request = CompletionRequest::builder()
///     .prompt("Once upon a time")
///     .model("google/gemma-2b")
///     .max_tokens(50)
///     .stop(vec!["\n".into()])
///     .build()?;
/// assert_eq!(request.max_tokens(), Some(50));
///
/// let short: CompletionRequest = "Once upon a time".into();
/// assert_eq!(short.prompt(), request.prompt());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct CompletionRequest {
    /// The text to go on with, as it is: a blank at its end is a part of it.
    #[getter(skip)]
    #[builder(setter(into, strip_option = false))]
    prompt: String,
    /// The model to ask; where it is not set, the driver's.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// The most tokens that may be added, at least 1. Not set: the server's default, which may be low.
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
    /// Say how likely each token was, and how many of the likeliest in its place: 0 (the token alone) to 20; most servers
    /// take up to 5.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
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
    /// Fields of the service that have no field here, merged into the body (or the parameters in it) last. One that has is
    /// a build error; one that is null is not sent.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: Map<String, Value>,
}

const OWNER: &str = "CompletionRequest";

impl CompletionRequest {
    /// The names of the typed fields, none of which may stand in [`extra`](Self::extra).
    pub const TYPED_FIELDS: &[&str] = &[
        "prompt",
        "model",
        "max_tokens",
        "temperature",
        "top_p",
        "stop",
        "seed",
        "frequency_penalty",
        "presence_penalty",
        "logprobs",
    ];

    /// Sets one field after the other.
    pub fn builder() -> CompletionRequestBuilder {
        CompletionRequestBuilder::default()
    }

    /// The text to go on with.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// The model to ask; where it is not set, the driver's.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Texts that end the answer where they would appear.
    pub fn stop(&self) -> &[String] {
        self.stop.as_deref().unwrap_or_default()
    }

    /// The same request to another model.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// The request that goes on from where an answer broke off: what had arrived becomes the end of the prompt.
    ///
    /// The tokens of the prompt are billed again, and `max_tokens` counts from there.
    ///
    /// ```
    /// use botticelli_core::CompletionRequest;
    /// use botticelli_error::PartialResponse;
    ///
    /// let request: CompletionRequest = "Count to five: ".into();
    /// let resumed = request.resumed(&PartialResponse::new("one, two, ", "", Vec::new()));
    /// assert_eq!(resumed.prompt(), "Count to five: one, two, ");
    /// ```
    pub fn resumed(&self, partial: &PartialResponse) -> Self {
        let mut request = self.clone();
        request.prompt.push_str(partial.text());
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

    /// Checks what the types cannot: a request may also come from a stored file or from `"text".into()`.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        let refused = |field: String, value: &str, reason: &'static str, remedy: String| {
            Err(BuilderError::refused(OWNER, field, value, reason, remedy).into())
        };
        if self.prompt.is_empty() {
            let remedy = "give the text to go on with, as \"Once upon a time\"";
            return Err(BuilderError::missing(OWNER, "prompt", remedy).into());
        }
        if self.max_tokens == Some(0) {
            let remedy = "give 1 or more, or leave it out for the server's default".to_owned();
            return refused("max_tokens".to_owned(), "0", "an answer has at least one token", remedy);
        }
        Numbers {
            owner: OWNER,
            temperature: self.temperature,
            top_p: self.top_p,
            frequency_penalty: self.frequency_penalty,
            presence_penalty: self.presence_penalty,
            stop: self.stop(),
        }
        .check()?;
        if let Some(top) = self.logprobs.filter(|top| *top > 20) {
            let remedy = "give up to 20".to_owned();
            return refused("logprobs".to_owned(), &top.to_string(), "it is out of range", remedy);
        }
        if let Some(name) = Self::TYPED_FIELDS.iter().find(|name| self.extra.contains_key(**name)) {
            let remedy = format!("call `.{name}(…)` on the builder instead");
            return refused(format!("extra.{name}"), "set", "it has a field of its own", remedy);
        }
        Ok(())
    }
}

impl CompletionRequestBuilder {
    /// Builds the request.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: no prompt, `max_tokens` 0, a number that is not
    /// finite or out of its range, an empty stop text, a typed field in `extra`.
    #[track_caller]
    pub fn build(self) -> Result<CompletionRequest, BotticelliError> {
        let request = self.build_unchecked()?;
        request.validate()?;
        Ok(request)
    }
}

impl From<&str> for CompletionRequest {
    fn from(prompt: &str) -> Self {
        prompt.to_owned().into()
    }
}

impl From<String> for CompletionRequest {
    fn from(prompt: String) -> Self {
        Self { prompt, ..Self::default() }
    }
}
