//! What comes back.

use crate::{Cost, FinishReason, Output, Retry, Timings, ToolCall, Usage};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A complete answer.
///
/// Whoever holds one holds all of it: an interrupted answer is an error that carries
/// [what had arrived](botticelli_error::PartialAnswer).
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct GenerateResponse {
    /// The parts of the answer, in order.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    outputs: Vec<Output>,
    /// Why the model stopped.
    #[builder(setter(strip_option = false))]
    finish_reason: FinishReason,
    /// How many tokens it took; `None` where the service did not say.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    /// What it costs, and who says so.
    #[getter(copy)]
    #[builder(setter(strip_option = false))]
    cost: Cost,
    /// The model that was asked for, with its route.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_model: Option<String>,
    /// The model that answered, as the service calls it.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Who served it.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// The id of the answer.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The request id to quote to the service's support.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// How long it took.
    #[getter(copy)]
    #[builder(setter(strip_option = false))]
    timings: Timings,
    /// The attempts that failed before this answer came.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retries: Vec<Retry>,
    /// What the caller should know, though it is no error.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl Default for GenerateResponse {
    fn default() -> Self {
        Self {
            outputs: Vec::new(),
            finish_reason: FinishReason::Unspecified,
            usage: None,
            cost: Cost::unknown(),
            requested_model: None,
            model: None,
            provider: None,
            id: None,
            request_id: None,
            timings: Timings::default(),
            retries: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl GenerateResponse {
    /// Sets one field after the other.
    pub fn builder() -> GenerateResponseBuilder {
        GenerateResponseBuilder::default()
    }

    pub(crate) fn complete(outputs: Vec<Output>, finish_reason: FinishReason, usage: Option<Usage>) -> Self {
        Self { outputs, finish_reason, usage, ..Self::default() }
    }

    /// The parts of the answer, in order.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The text of the answer, without the reasoning; empty where there is none.
    pub fn text(&self) -> Cow<'_, str> {
        joined(self.outputs.iter().filter_map(|output| match output {
            Output::Text(text) => Some(text.as_str()),
            _ => None,
        }))
    }

    /// What the model thought before it answered; empty where it did not say.
    pub fn reasoning(&self) -> Cow<'_, str> {
        joined(self.outputs.iter().filter_map(|output| match output {
            Output::Reasoning(text) => Some(text.as_str()),
            _ => None,
        }))
    }

    /// The tools that the model wants to be called.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.outputs.iter().filter_map(|output| match output {
            Output::ToolCall(call) => Some(call),
            _ => None,
        })
    }

    /// How many tokens it took; `None` where the service did not say.
    pub fn usage(&self) -> Option<&Usage> {
        self.usage.as_ref()
    }

    /// The model that was asked for, with its route.
    pub fn requested_model(&self) -> Option<&str> {
        self.requested_model.as_deref()
    }

    /// The model that answered, as the service calls it. It may be another name for the one that was asked for.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Who served it, where the service says so: behind the Hugging Face router, the inference provider.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// The id of the answer; servers often leave it out.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The request id to quote to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The attempts that failed before this answer came: why each did, and how long the next one waited.
    pub fn retries(&self) -> &[Retry] {
        &self.retries
    }

    /// What the caller should know, though it is no error.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The same answer, with its cost.
    pub fn with_cost(mut self, cost: Cost) -> Self {
        self.cost = cost;
        self
    }

    /// The same answer, with the time it took.
    pub fn with_timings(mut self, timings: Timings) -> Self {
        self.timings = timings;
        self
    }

    /// The same answer, with its id and the model that answered, as the service calls them.
    pub fn with_identity(mut self, id: Option<String>, model: Option<String>) -> Self {
        self.id = id;
        self.model = model;
        self
    }

    /// The same answer, with the attempts that failed before it came.
    pub fn with_retries(mut self, retries: Vec<Retry>) -> Self {
        self.retries = retries;
        self
    }

    /// The same answer, with the model that was asked for, who served it, and the request id.
    pub fn with_origin(
        mut self,
        requested_model: Option<String>,
        provider: Option<String>,
        request_id: Option<String>,
    ) -> Self {
        self.requested_model = requested_model;
        self.provider = provider;
        self.request_id = request_id;
        self
    }

    /// The same answer, with one more thing that the caller should know.
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }
}

/// One part is lent as it is; only several are copied.
fn joined<'a>(mut parts: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    match (parts.next(), parts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(parts).collect()),
    }
}
