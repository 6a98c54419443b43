//! Where an answer came from, and when.

use crate::huggingface::conversions::Asked;
use crate::huggingface::routing::route_plan::RoutePlan;
use crate::transport::{HttpClient, HttpResponse};
use botticelli_core::{
    FinishReason, GenerateResponse, Retry, RoutingDecision, Timings, ToolCall, ToolChoice,
};
use botticelli_interface::Clock;
use reqwest::header::HeaderName;
use std::sync::Arc;
use std::time::{Duration, Instant};

const INFERENCE_PROVIDER: HeaderName = HeaderName::from_static("x-inference-provider");

/// What is known of an answer before its body is read.
#[derive(Debug)]
pub(in crate::huggingface) struct ResponseMetadata {
    requested_model: String,
    served_by: Option<String>,
    routing: Option<RoutingDecision>,
    warnings: Vec<String>,
    request_id: Option<String>,
    clock: Arc<dyn Clock>,
    started: Instant,
    retries: Vec<Retry>,
    /// What the caller said of tools, where the answer shows whether it was followed.
    tool_choice: Option<ToolChoice>,
}

impl ResponseMetadata {
    pub(in crate::huggingface) fn new(
        plan: &RoutePlan,
        answer: &HttpResponse,
        asked: &Asked,
        http: &HttpClient,
        started: Instant,
    ) -> Self {
        // Headers are shown with the answer: one that repeats the token must not be.
        let scrubbed = |header: &str| asked.scrubbed(header);
        let served_by = answer.header(INFERENCE_PROVIDER).map(scrubbed);
        Self {
            requested_model: plan.requested_model.clone(),
            served_by: served_by.or_else(|| plan.served_by.clone()),
            routing: plan.routing.clone(),
            warnings: plan.warnings.clone(),
            request_id: answer.request_id().map(scrubbed),
            clock: http.clock().clone(),
            started,
            retries: Vec::new(),
            tool_choice: None,
        }
    }

    /// Adds what the caller said of tools.
    pub(in crate::huggingface) fn expecting(mut self, tool_choice: Option<&ToolChoice>) -> Self {
        self.tool_choice = tool_choice.filter(|choice| **choice != ToolChoice::Auto).cloned();
        self
    }

    /// Adds the attempts that failed before.
    pub(in crate::huggingface) fn after(&mut self, retries: Vec<Retry>) {
        self.retries = retries;
    }

    /// How many attempts were made.
    pub(in crate::huggingface) fn attempts(&self) -> u32 {
        u32::try_from(self.retries.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// How long it has taken so far.
    pub(in crate::huggingface) fn elapsed(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.started)
    }

    /// The whole answer, with all of this.
    pub(in crate::huggingface) fn mark(
        self,
        response: GenerateResponse,
        asked: &Asked,
        first_token: Option<Duration>,
    ) -> GenerateResponse {
        // What the model said stays as it is; its labels are shown in logs.
        let response = response.with_labels(|label| asked.scrubbed(label));
        let timings = Timings::new(first_token, Some(self.elapsed()));
        let ignored = self.tool_choice.as_ref().and_then(|choice| ignored(choice, &response));
        let warnings = self.warnings.into_iter().chain(ignored);
        let response = warnings.fold(response, GenerateResponse::with_warning);
        response
            .with_origin(Some(self.requested_model), self.served_by, self.request_id)
            .with_routing(self.routing)
            .with_timings(timings)
            .with_retries(self.retries)
    }
}

/// How a server ignored what it was told of tools, if it did. A model that was cut off, or that refuses, did not get to it.
fn ignored(choice: &ToolChoice, response: &GenerateResponse) -> Option<String> {
    let calls = || response.tool_calls().map(ToolCall::name);
    let has_ended = !matches!(response.finish_reason(), FinishReason::Length | FinishReason::ContentFilter);
    let may_lack_one = !has_ended || response.refusal().is_some();
    match choice {
        ToolChoice::Required if calls().next().is_none() && !may_lack_one => {
            Some("the server ignored `tool_choice: required`: the answer calls no tool".to_owned())
        }
        ToolChoice::Function(name) if !calls().any(|called| called == name) && !may_lack_one => {
            let called = calls().next().map_or_else(|| "no tool".to_owned(), |called| format!("{called:?}"));
            Some(format!(
                "the server ignored `tool_choice`: {name:?} was to be called, and the answer calls {called}"
            ))
        }
        ToolChoice::None => {
            let called = calls().next()?;
            Some(format!("the server ignored `tool_choice: none`: the answer calls {called:?}"))
        }
        _ => None,
    }
}
