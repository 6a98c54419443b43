//! A text completion request.

use crate::generation::{builder_setters, request_accessors, with_parameters};
use crate::{GenerationConfig, RetryGate, SentFlag, Timeouts};
use botticelli_error::{BotticelliError, BuilderError, PartialResponse};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A text completion request: a prompt that a base model completes, without a conversation.
///
/// Only settings that are set are sent. The server applies its own defaults to the others.
///
/// ```
/// use botticelli::CompletionRequest;
///
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let request = CompletionRequest::from("Once upon a time")
///     .with_model("google/gemma-2b")
///     .with_max_tokens(50)
///     .with_stop(["\n"]);
/// assert_eq!(request.max_tokens(), Some(50));
///
/// // The builder has the same settings, and validates them.
/// let built = CompletionRequest::builder().prompt("Once upon a time").max_tokens(50).build()?;
/// assert_eq!(built.prompt(), request.prompt());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct CompletionRequest {
    /// Text to complete, sent unchanged. A trailing space is part of the prompt.
    #[getter(skip)]
    #[builder(setter(into, strip_option = false))]
    prompt: String,
    /// Model name, with or without a route. Default: the driver's model.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[getter(skip)]
    #[builder(setter(custom), field(ty = "GenerationConfig", build = "self.generation"))]
    #[serde(flatten)]
    generation: GenerationConfig,
    /// Request for log probabilities: the number of most likely tokens to report per position, 0 (only the generated token) to 20.
    /// Most servers accept up to 5.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
    /// Omission of the driver's defaults (`[llm.generation]`): only the request's own settings are sent. Default: `false`.
    #[getter(copy)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    without_defaults: bool,
    /// Timeouts for this request. Default: the driver's. Neither sent nor stored.
    #[getter(copy)]
    #[serde(skip)]
    timeouts: Option<Timeouts>,
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
    /// Fields of the service that have no setting here, merged last into the body, or into its `parameters`. A field that has a
    /// setting is an error. A null is not sent.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: Map<String, Value>,
}

const OWNER: &str = "CompletionRequest";

with_parameters!(request_accessors!(CompletionRequest));
with_parameters!(builder_setters!(CompletionRequestBuilder));

impl CompletionRequest {
    fn parameters(&self) -> &GenerationConfig {
        &self.generation
    }

    fn parameters_mut(&mut self) -> &mut GenerationConfig {
        &mut self.generation
    }

    /// Returns the JSON names of the settings, none of which [`extra`](Self::extra) may contain.
    pub fn typed_fields() -> impl Iterator<Item = &'static str> {
        ["prompt", "model", "logprobs"].iter().chain(GenerationConfig::FIELDS).copied()
    }

    /// Returns a builder with no setting.
    pub fn builder() -> CompletionRequestBuilder {
        CompletionRequestBuilder::default()
    }

    /// Returns the text to complete.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// Returns the model name. `None` is the driver's model.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Sets the text to complete.
    pub fn with_prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = prompt.into();
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

    /// Requests log probabilities, with this number of most likely tokens per position, 0 to 20.
    pub fn with_logprobs(mut self, logprobs: impl Into<Option<u32>>) -> Self {
        self.logprobs = logprobs.into();
        self
    }

    /// Omits the driver's defaults, if `true`.
    pub fn with_without_defaults(mut self, without_defaults: bool) -> Self {
        self.without_defaults = without_defaults;
        self
    }

    /// Sets the timeouts for this request. `None` is the driver's.
    pub fn with_timeouts(mut self, timeouts: impl Into<Option<Timeouts>>) -> Self {
        self.timeouts = timeouts.into();
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

    /// Replaces the fields of the service that have no setting here.
    pub fn with_extra(mut self, extra: Map<String, Value>) -> Self {
        self.extra = extra;
        self
    }

    /// Returns the request that continues an interrupted response. The partial text becomes the end of the prompt.
    ///
    /// The prompt tokens are billed again, and `max_tokens` counts from there.
    ///
    /// ```
    /// use botticelli::CompletionRequest;
    /// use botticelli::PartialResponse;
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

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
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
            let remedy = "give the text to complete, as \"Once upon a time\"";
            return Err(BuilderError::missing(OWNER, "prompt", remedy).into());
        }
        self.generation.check(OWNER)?;
        if let Some(top) = self.logprobs.filter(|top| *top > 20) {
            let remedy = "give up to 20".to_owned();
            return refused("logprobs".to_owned(), &top.to_string(), "it is out of range", remedy);
        }
        if let Some(name) = Self::typed_fields().find(|name| self.extra.contains_key(*name)) {
            let remedy = format!("call `.{name}(…)` on the builder instead");
            return refused(format!("extra.{name}"), "set", "it has its own setting", remedy);
        }
        Ok(())
    }
}

impl CompletionRequestBuilder {
    fn parameters_mut(&mut self) -> &mut GenerationConfig {
        &mut self.generation
    }

    /// Builds the request.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy: no prompt, a number out of range, an empty stop text, a
    /// typed field in `extra`.
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
