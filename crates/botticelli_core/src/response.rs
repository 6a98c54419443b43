//! What comes back.

use crate::{
    Choice, Cost, FinishReason, Logprobs, Message, Output, Retry, RoutingDecision, Timings, ToolCall, Usage,
    choice,
};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A complete answer.
///
/// Whoever holds one holds all of it: an interrupted answer is an error that carries
/// [what had arrived](botticelli_error::PartialResponse).
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
    /// How likely its tokens were, where that was asked for.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<Logprobs>,
    /// The other choices, where several were asked for.
    #[getter(skip)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Choice>,
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
    /// Who was chosen for the request, and why.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    routing: Option<RoutingDecision>,
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
            logprobs: None,
            alternatives: Vec::new(),
            usage: None,
            cost: Cost::unknown(),
            requested_model: None,
            model: None,
            provider: None,
            routing: None,
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

    pub(crate) fn complete(first: Choice, alternatives: Vec<Choice>, usage: Option<Usage>) -> Self {
        let Choice { outputs, finish_reason, logprobs, .. } = first;
        Self { outputs, finish_reason, logprobs, alternatives, usage, ..Self::default() }
    }

    /// The parts of the answer, in order.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The text of the answer, without the reasoning; empty where there is none.
    pub fn text(&self) -> Cow<'_, str> {
        choice::text(&self.outputs)
    }

    /// Returns the text of the response as an owned string, without the reasoning. Empty if there is no text.
    ///
    /// ```
    /// use botticelli_core::{GenerateResponse, Output};
    ///
    /// # fn main() -> Result<(), botticelli_error::BotticelliError> {
    /// let text = GenerateResponse::builder().outputs(vec![Output::Text("Botticelli".into())]).build()?.into_text();
    /// assert_eq!(text, "Botticelli");
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_text(self) -> String {
        choice::into_text(self.outputs)
    }

    /// What the model thought before it answered; empty where it did not say.
    pub fn reasoning(&self) -> Cow<'_, str> {
        choice::reasoning(&self.outputs)
    }

    /// What the model said instead of an answer, because it will not give one; `None` where it gave one.
    pub fn refusal(&self) -> Option<&str> {
        self.outputs.iter().find_map(|output| match output {
            Output::Refusal(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The tools that the model wants to be called.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        choice::tool_calls(&self.outputs)
    }

    /// How likely the tokens were; `None` where that was not asked for, or the service did not say.
    pub fn logprobs(&self) -> Option<&Logprobs> {
        self.logprobs.as_ref()
    }

    /// The other choices, from number 1 on, where several were asked for.
    pub fn alternatives(&self) -> &[Choice] {
        &self.alternatives
    }

    /// The text of the answer, read as JSON; a code fence around it is taken off. Where there is no text, and all of the
    /// reasoning is such JSON, that is the answer: servers that find no tags around reasoning take everything for it.
    ///
    /// # Errors
    ///
    /// A [`JsonError`](botticelli_error::JsonError) where it is no JSON, or another than `T` reads; its sentence says so where
    /// the answer was cut at its token limit, or where the model refused.
    ///
    /// ```
    /// use botticelli_core::{GenerateResponse, Output};
    ///
    /// # fn main() -> Result<(), botticelli_error::BotticelliError> {
    /// let answer = GenerateResponse::builder().outputs(vec![Output::Text("```json\n[1, 2]\n```".into())]).build()?;
    /// assert_eq!(answer.json::<Vec<u32>>()?, [1, 2]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, BotticelliError> {
        choice::json(&self.outputs, &self.finish_reason)
    }

    /// The answer as a turn of the conversation, to go on from: its text and its tool calls, without the reasoning, which
    /// not every server takes back.
    ///
    /// ```
    /// use botticelli_core::{GenerateResponse, Message, Output, Role};
    ///
    /// # fn main() -> Result<(), botticelli_error::BotticelliError> {
    /// let answer = GenerateResponse::builder().outputs(vec![Output::Text("Botticelli".into())]).build()?;
    /// assert_eq!(answer.to_message(), Message::assistant("Botticelli"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_message(&self) -> Message {
        Message::of_answer(&self.text(), self.refusal(), self.tool_calls().cloned().collect())
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

    /// Who was chosen for the request, and why; `None` where it went out as it was asked for.
    pub fn routing(&self) -> Option<&RoutingDecision> {
        self.routing.as_ref()
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

    /// Returns the same answer with the labels rewritten that the service wrote: id, model, unknown finish reasons, and the
    /// warnings, which may repeat them.
    pub fn with_labels(mut self, rewrite: impl Fn(&str) -> String) -> Self {
        let others = self.alternatives.iter_mut().map(|choice| &mut choice.finish_reason);
        for reason in others.chain([&mut self.finish_reason]) {
            if let FinishReason::Other(word) = reason {
                *word = rewrite(word);
            }
        }
        for label in self.warnings.iter_mut().chain(&mut self.id).chain(&mut self.model) {
            *label = rewrite(label);
        }
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

    /// The same answer, with who was chosen for the request, and why.
    pub fn with_routing(mut self, routing: Option<RoutingDecision>) -> Self {
        self.routing = routing;
        self
    }

    /// The same answer, with one more thing that the caller should know.
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }
}
