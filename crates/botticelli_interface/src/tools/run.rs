//! A finished run.

use super::result::ToolResult;
use botticelli_core::{Cost, GenerateResponse, Message, Usage};
use std::borrow::Cow;
use std::ops::Add;

/// A run with tools: every step, and the messages to continue from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolRun {
    steps: Vec<ToolStep>,
    messages: Vec<Message>,
}

/// One turn of a run: the response of the model, and the results of its calls.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolStep {
    response: GenerateResponse,
    results: Vec<ToolResult>,
}

impl ToolStep {
    pub(super) fn new(response: GenerateResponse) -> Self {
        Self { response, results: Vec::new() }
    }

    pub(super) fn set_results(&mut self, results: Vec<ToolResult>) {
        self.results = results;
    }

    /// Returns the response of the model.
    pub fn response(&self) -> &GenerateResponse {
        &self.response
    }

    /// Returns the results of the calls, in the order of the calls.
    ///
    /// The slice is empty if the response has no calls, or if a limit ended the run before they ran.
    pub fn results(&self) -> &[ToolResult] {
        &self.results
    }
}

impl ToolRun {
    pub(super) fn new(steps: Vec<ToolStep>, messages: Vec<Message>) -> Self {
        Self { steps, messages }
    }

    /// Returns the last response; `None` if the run failed before the first.
    pub fn response(&self) -> Option<&GenerateResponse> {
        self.steps.last().map(ToolStep::response)
    }

    /// Consumes the run and returns the last response.
    pub fn into_response(mut self) -> Option<GenerateResponse> {
        self.steps.pop().map(|step| step.response)
    }

    /// Returns the text of the last response, empty without a response.
    pub fn text(&self) -> Cow<'_, str> {
        self.response().map(GenerateResponse::text).unwrap_or_default()
    }

    /// Returns all turns, in order.
    pub fn steps(&self) -> &[ToolStep] {
        &self.steps
    }

    /// Returns the sum of the tokens of all responses. A count is `None` if one of the responses does not report it.
    pub fn usage(&self) -> Usage {
        let sum = |count: fn(&Usage) -> Option<u64>| {
            if self.steps.is_empty() {
                return None;
            }
            self.steps
                .iter()
                .try_fold(0_u64, |sum, step| sum.checked_add(step.response.usage().and_then(count)?))
        };
        Usage::new(sum(Usage::prompt_tokens), sum(Usage::completion_tokens), sum(Usage::total_tokens))
            .with_details(sum(Usage::cached_tokens), sum(Usage::reasoning_tokens))
    }

    /// Returns the cost of all responses together, unknown if the cost of one is unknown.
    ///
    /// Failed calls and retries are not included. With a [cost limit](crate::ToolLimits::with_cost), the run takes the price of a response
    /// without a cost from the catalog.
    pub fn cost(&self) -> Cost {
        self.steps.iter().map(|step| step.response.cost()).reduce(Cost::add).unwrap_or_default()
    }

    /// Returns the whole conversation to continue from: the messages of the request, and those of the run.
    ///
    /// Every call in it has a result. A response whose calls did not run because of a limit is omitted, because servers reject
    /// it. An empty response is omitted. [`steps`](Self::steps) contains both.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}
