//! The origin and the timings of a response.

use crate::huggingface::client::prepared_request::PreparedRequest;
use crate::huggingface::conversions::ErrorContext;
use crate::huggingface::costs::call_price::CallPrice;
use crate::huggingface::settings::DriverSettings;
use crate::transport::{Deadline, HttpResponse, Stopwatch};
use botticelli_core::{
    FinishReason, GenerateResponse, RateLimitStatus, Retry, RoutingDecision, Timings, ToolCall, ToolChoice,
};
use reqwest::header::HeaderName;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

const INFERENCE_PROVIDER: HeaderName = HeaderName::from_static("x-inference-provider");

/// The facts of a response that are known before its body is read.
#[derive(Debug)]
pub(in crate::huggingface) struct ResponseMetadata {
    requested_model: Arc<str>,
    served_by: Option<String>,
    routing: Option<RoutingDecision>,
    warnings: Vec<String>,
    stopwatch: Stopwatch,
    retries: Vec<Retry>,
    /// The caller's `tool_choice`, to warn if the server ignored it.
    tool_choice: Option<ToolChoice>,
    price: CallPrice,
    rate_limit: Option<Box<RateLimitStatus>>,
}

impl ResponseMetadata {
    pub(in crate::huggingface) fn new(
        settings: &DriverSettings,
        request: &PreparedRequest,
        response: &HttpResponse,
        context: &ErrorContext,
        deadline: &Deadline,
    ) -> Self {
        let plan = &request.plan;
        // Headers are shown to the user, so a token that the server repeats is redacted from them.
        let served_by = response.header(INFERENCE_PROVIDER).map(|header| context.redact(header));
        Self {
            requested_model: plan.requested_model.clone(),
            served_by: served_by.or_else(|| plan.served_by.clone()),
            routing: plan.routing.clone(),
            warnings: plan.warnings.clone(),
            stopwatch: deadline.stopwatch().clone(),
            retries: Vec::new(),
            tool_choice: request.tool_choice.clone(),
            rate_limit: response.rate_limit(deadline.clock().wall_time()).map(Box::new),
            price: CallPrice::new(settings, &plan.requested_model, request.price_fetch.clone()),
        }
    }

    /// Records the attempts that failed before this one.
    pub(in crate::huggingface) fn set_retries(&mut self, retries: Vec<Retry>) {
        self.retries = retries;
    }

    /// Returns the number of attempts, this one included.
    pub(in crate::huggingface) fn attempts(&self) -> u32 {
        u32::try_from(self.retries.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Returns the time since the call started.
    pub(in crate::huggingface) fn elapsed(&self) -> Duration {
        self.stopwatch.elapsed()
    }

    /// Polls the fetch of the catalog, if the price of the call depends on it.
    pub(in crate::huggingface) fn poll_price(&mut self, cx: &mut Context<'_>) {
        self.price.poll(cx);
    }

    /// Returns the response with these facts.
    pub(in crate::huggingface) fn apply(
        self,
        mut response: GenerateResponse,
        mut context: ErrorContext,
        first_token: Option<Duration>,
    ) -> GenerateResponse {
        // Labels appear in logs, so the token is redacted from them. The text of the model is not changed.
        let mut request_id = context.request_id.take();
        if let Some(id) = &mut request_id {
            context.redact_in(id);
        }
        response.rewrite_labels(|label| context.redact_in(label));
        response.set_cost(self.price.cost(&response, self.served_by.as_deref()));
        response.add_warnings(self.warnings);
        let warning = self.tool_choice.as_ref().and_then(|choice| tool_choice_warning(choice, &response));
        response.add_warnings(warning);
        response.set_origin(Some(self.requested_model.as_ref().to_owned()), self.served_by, request_id);
        response.set_routing(self.routing);
        response.set_timings(Timings::new(first_token, Some(self.stopwatch.elapsed())));
        response.set_retries(self.retries);
        response.set_rate_limit(self.rate_limit);
        response
    }
}

/// Returns a warning if a server ignored `tool_choice`. A response that was cut off, or a refusal, may lack the call.
fn tool_choice_warning(choice: &ToolChoice, response: &GenerateResponse) -> Option<String> {
    let calls = || response.tool_calls().map(ToolCall::name);
    let has_ended = !matches!(response.finish_reason(), FinishReason::Length | FinishReason::ContentFilter);
    let may_lack_one = !has_ended || response.refusal().is_some();
    match choice {
        ToolChoice::Required if calls().next().is_none() && !may_lack_one => {
            Some("the server ignored `tool_choice: required`: the response calls no tool".to_owned())
        }
        ToolChoice::Function(name) if !calls().any(|called| called == name) && !may_lack_one => {
            let called = calls().next().map_or_else(|| "no tool".to_owned(), |called| format!("{called:?}"));
            Some(format!(
                "the server ignored `tool_choice`: the request required {name:?}, but the response calls {called}"
            ))
        }
        ToolChoice::None => {
            let called = calls().next()?;
            Some(format!("the server ignored `tool_choice: none`: the response calls {called:?}"))
        }
        _ => None,
    }
}
