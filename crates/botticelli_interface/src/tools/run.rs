//! What comes of a run.

use super::result::ToolResult;
use botticelli_core::{Cost, CostSource, GenerateResponse, Message, Usage};
use std::borrow::Cow;

/// A run with tools: every step, and the conversation to go on from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolRun {
    steps: Vec<ToolStep>,
    messages: Vec<Message>,
}

/// One turn of a run: what the model answered, and what its calls came to.
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

    /// What the model answered.
    pub fn response(&self) -> &GenerateResponse {
        &self.response
    }

    /// What its calls came to, in their order; empty where it called none, or where a limit kept them from being run.
    pub fn results(&self) -> &[ToolResult] {
        &self.results
    }
}

impl ToolRun {
    pub(super) fn new(steps: Vec<ToolStep>, messages: Vec<Message>) -> Self {
        Self { steps, messages }
    }

    /// The last answer; `None` where the run failed before the first.
    pub fn response(&self) -> Option<&GenerateResponse> {
        self.steps.last().map(ToolStep::response)
    }

    /// The last answer, taken out.
    pub fn into_response(mut self) -> Option<GenerateResponse> {
        self.steps.pop().map(|step| step.response)
    }

    /// The text of the last answer; empty where there is none.
    pub fn text(&self) -> Cow<'_, str> {
        self.response().map(GenerateResponse::text).unwrap_or_default()
    }

    /// Every turn, in order.
    pub fn steps(&self) -> &[ToolStep] {
        &self.steps
    }

    /// The tokens of all answers together. A figure that one of them did not say is `None`.
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

    /// What all answers together cost; unknown where that of one is. A call that failed, and what was tried again, are not in it.
    ///
    /// The Hugging Face router does not say what an answer cost: with a [limit](crate::ToolLimits::with_cost) the run asks the
    /// catalogue for the price, without one it stays unknown.
    pub fn cost(&self) -> Cost {
        let mut costs = self.steps.iter().map(|step| step.response.cost());
        let is_reported = costs.clone().all(|cost| cost.source() == CostSource::Reported);
        let sum = costs.try_fold(0_u64, |sum, cost| sum.checked_add(cost.nano_dollars()?));
        match sum.filter(|_| !self.steps.is_empty()) {
            Some(sum) if is_reported => Cost::reported(sum),
            Some(sum) => Cost::priced(sum),
            None => Cost::unknown(),
        }
    }

    /// The whole conversation, to go on from: the request's turns, and those of the run.
    ///
    /// Every call in it has its result. An answer whose calls were not run, because a limit was reached, is left out: no server
    /// takes it; and so is an answer without a word. Both stand in [`steps`](Self::steps).
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}
