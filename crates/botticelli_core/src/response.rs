//! A complete response.

mod content;
mod in_place;

pub use self::content::GenerateResponseBuilder;

use self::content::Content;

use crate::{
    Choice, Cost, FinishReason, Logprobs, Message, Output, RateLimitStatus, Retry, RoutingDecision,
    SkippedRoute, Timings, ToolCall, Usage, choice,
};
use botticelli_error::BotticelliError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A complete response.
///
/// An interrupted response is an error that contains the [partial response](botticelli_error::PartialResponse).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GenerateResponse {
    /// In a box, because a response passes through all layers around a driver.
    content: Box<Content>,
}

impl GenerateResponseBuilder {
    /// Builds the response.
    ///
    /// # Errors
    ///
    /// None: every field has a default.
    pub fn build(self) -> Result<GenerateResponse, BotticelliError> {
        Ok(GenerateResponse { content: Box::new(self.build_content()?) })
    }
}

impl GenerateResponse {
    /// Returns a builder of an empty response.
    pub fn builder() -> GenerateResponseBuilder {
        GenerateResponseBuilder::default()
    }

    pub(crate) fn complete(first: Choice, alternatives: Vec<Choice>, usage: Option<Usage>) -> Self {
        let Choice { outputs, finish_reason, logprobs, .. } = first;
        let content = Content { outputs, finish_reason, logprobs, alternatives, usage, ..Content::default() };
        Self { content: Box::new(content) }
    }

    /// Returns the parts of the response, in order.
    pub fn outputs(&self) -> &[Output] {
        &self.content.outputs
    }

    /// Returns the reason for the end of the response.
    pub fn finish_reason(&self) -> &FinishReason {
        &self.content.finish_reason
    }

    /// Returns the cost with its source.
    pub fn cost(&self) -> Cost {
        self.content.cost
    }

    /// Returns the measured times.
    pub fn timings(&self) -> Timings {
        self.content.timings
    }

    /// Returns the text of the response without the reasoning. Empty if the model sent none.
    pub fn text(&self) -> Cow<'_, str> {
        choice::text(&self.content.outputs)
    }

    /// Returns the text of the response as an owned string, without the reasoning. Empty if the model sent none.
    ///
    /// ```
    /// use botticelli::{GenerateResponse, Output};
    ///
    /// # fn main() -> Result<(), botticelli::BotticelliError> {
    /// let text = GenerateResponse::builder().outputs(vec![Output::Text("Botticelli".into())]).build()?.into_text();
    /// assert_eq!(text, "Botticelli");
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_text(self) -> String {
        choice::into_text(self.content.outputs)
    }

    /// Returns the reasoning. Empty if the service sent none.
    pub fn reasoning(&self) -> Cow<'_, str> {
        choice::reasoning(&self.content.outputs)
    }

    /// Returns the refusal of the model. `None` if the model did not refuse.
    pub fn refusal(&self) -> Option<&str> {
        self.content.outputs.iter().find_map(|output| match output {
            Output::Refusal(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Returns the tool calls.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        choice::tool_calls(&self.content.outputs)
    }

    /// Returns the log probabilities. `None` if the request did not ask for them, or if the service sent none.
    pub fn logprobs(&self) -> Option<&Logprobs> {
        self.content.logprobs.as_ref()
    }

    /// Returns the other choices, from index 1 on, if the request asked for several.
    pub fn alternatives(&self) -> &[Choice] {
        &self.content.alternatives
    }

    /// Parses the text of the response as JSON, without a code fence around it.
    ///
    /// Without a text, the reasoning is parsed instead. Some servers mistake the whole response for reasoning.
    ///
    /// # Errors
    ///
    /// A [`JsonError`](botticelli_error::JsonError) if the text is not JSON or does not fit `T`. The message says whether the
    /// response was cut at its token limit, filtered, or a refusal.
    ///
    /// ```
    /// use botticelli::{GenerateResponse, Output};
    ///
    /// # fn main() -> Result<(), botticelli::BotticelliError> {
    /// let response = GenerateResponse::builder().outputs(vec![Output::Text("```json\n[1, 2]\n```".into())]).build()?;
    /// assert_eq!(response.json::<Vec<u32>>()?, [1, 2]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, BotticelliError> {
        choice::json(&self.content.outputs, &self.content.finish_reason)
    }

    /// Returns the response as an assistant message, to continue the conversation.
    ///
    /// The message has the text and the tool calls. The reasoning is left out, because some servers reject it.
    ///
    /// ```
    /// use botticelli::{GenerateResponse, Message, Output, Role};
    ///
    /// # fn main() -> Result<(), botticelli::BotticelliError> {
    /// let response = GenerateResponse::builder().outputs(vec![Output::Text("Botticelli".into())]).build()?;
    /// assert_eq!(response.to_message(), Message::assistant("Botticelli"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_message(&self) -> Message {
        Message::of_answer(&self.text(), self.refusal(), self.tool_calls().cloned().collect())
    }

    /// Returns the token counts. `None` if the service sent none.
    pub fn usage(&self) -> Option<&Usage> {
        self.content.usage.as_ref()
    }

    /// Returns the requested model, with its route.
    pub fn requested_model(&self) -> Option<&str> {
        self.content.requested_model.as_deref()
    }

    /// Returns the model name that the service sent. The name may differ from the requested name.
    pub fn model(&self) -> Option<&str> {
        self.content.model.as_deref()
    }

    /// Returns the provider that served the response, if the service sent it. Behind the Hugging Face router this is the inference
    /// provider.
    pub fn provider(&self) -> Option<&str> {
        self.content.provider.as_deref()
    }

    /// Returns the provider that the driver chose, with the reason. `None` if the driver sent the request unchanged.
    pub fn routing(&self) -> Option<&RoutingDecision> {
        self.content.routing.as_ref()
    }

    /// Returns the routes that failed before another route answered, with the reasons.
    pub fn skipped_routes(&self) -> &[SkippedRoute] {
        &self.content.skipped_routes
    }

    /// Returns whether the response comes from a cache. Such a response costs nothing. Its usage is the usage of the original
    /// response.
    pub fn is_cached(&self) -> bool {
        self.content.is_cached
    }

    /// Returns the rest of the service's rate limit. `None` if the service did not send it.
    pub fn rate_limit(&self) -> Option<&RateLimitStatus> {
        self.content.rate_limit.as_deref()
    }

    /// Returns the id of the response. Servers often leave it out.
    pub fn id(&self) -> Option<&str> {
        self.content.id.as_deref()
    }

    /// Returns the request id to quote to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.content.request_id.as_deref()
    }

    /// Returns the failed attempts before this response, with their errors and waits.
    pub fn retries(&self) -> &[Retry] {
        &self.content.retries
    }

    /// Returns the warnings for the caller.
    pub fn warnings(&self) -> &[String] {
        &self.content.warnings
    }

    /// Sets the cost.
    pub fn with_cost(mut self, cost: Cost) -> Self {
        self.content.cost = cost;
        self
    }

    /// Sets the measured times.
    pub fn with_timings(mut self, timings: Timings) -> Self {
        self.content.timings = timings;
        self
    }

    /// Sets the id and the model name that the service sent.
    pub fn with_identity(mut self, id: Option<String>, model: Option<String>) -> Self {
        self.content.id = id;
        self.content.model = model;
        self
    }

    /// Rewrites the labels that the service sent: id, model, unknown finish reasons, and the warnings, which may repeat them.
    pub fn with_labels(mut self, rewrite: impl Fn(&str) -> String) -> Self {
        self.rewrite_labels(|label| *label = rewrite(label));
        self
    }

    /// Replaces the failed attempts.
    pub fn with_retries(mut self, retries: Vec<Retry>) -> Self {
        self.content.retries = retries;
        self
    }

    /// Sets the requested model, the provider and the request id.
    pub fn with_origin(
        mut self,
        requested_model: Option<String>,
        provider: Option<String>,
        request_id: Option<String>,
    ) -> Self {
        self.content.requested_model = requested_model;
        self.content.provider = provider;
        self.content.request_id = request_id;
        self
    }

    /// Sets the provider that the driver chose, with the reason.
    pub fn with_routing(mut self, routing: Option<RoutingDecision>) -> Self {
        self.content.routing = routing;
        self
    }

    /// Appends a route that failed before another route answered.
    pub fn with_skipped_route(mut self, route: SkippedRoute) -> Self {
        self.content.skipped_routes.push(route);
        self
    }

    /// Marks the response as one from a cache, or not.
    pub fn with_cached(mut self, is_cached: bool) -> Self {
        self.content.is_cached = is_cached;
        self
    }

    /// Removes the data that belong to one call: times, failed attempts, skipped routes, warnings and the rate limit.
    pub fn without_call_details(mut self) -> Self {
        self.content.timings = Timings::default();
        self.content.retries = Vec::new();
        self.content.skipped_routes = Vec::new();
        self.content.warnings = Vec::new();
        self.content.rate_limit = None;
        self
    }

    /// Sets the rest of the service's rate limit.
    pub fn with_rate_limit(mut self, rate_limit: impl Into<Option<RateLimitStatus>>) -> Self {
        self.content.rate_limit = rate_limit.into().map(Box::new);
        self
    }

    /// Appends a warning.
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.content.warnings.push(warning.into());
        self
    }

    /// Appends warnings.
    pub fn with_warnings(mut self, warnings: impl IntoIterator<Item = String>) -> Self {
        self.content.warnings.extend(warnings);
        self
    }
}
