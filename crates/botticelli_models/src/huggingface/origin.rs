//! Where an answer came from, and when.

use super::conversions::Asked;
use super::plan::Plan;
use crate::transport::{Answer, HttpClient};
use botticelli_core::{GenerateResponse, Retry, Routing, Timings};
use botticelli_interface::Clock;
use reqwest::header::HeaderName;
use std::sync::Arc;
use std::time::{Duration, Instant};

const INFERENCE_PROVIDER: HeaderName = HeaderName::from_static("x-inference-provider");

/// What is known of an answer before its body is read.
#[derive(Debug)]
pub(super) struct Origin {
    requested_model: String,
    served_by: Option<String>,
    routing: Option<Routing>,
    warnings: Vec<String>,
    request_id: Option<String>,
    clock: Arc<dyn Clock>,
    started: Instant,
    retries: Vec<Retry>,
}

impl Origin {
    pub(super) fn new(
        plan: &Plan,
        answer: &Answer,
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
        }
    }

    /// Adds the attempts that failed before.
    pub(super) fn after(&mut self, retries: Vec<Retry>) {
        self.retries = retries;
    }

    /// How many attempts were made.
    pub(super) fn attempts(&self) -> u32 {
        u32::try_from(self.retries.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// How long it has taken so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.started)
    }

    /// The whole answer, with all of this.
    pub(super) fn mark(
        self,
        response: GenerateResponse,
        asked: &Asked,
        first_token: Option<Duration>,
    ) -> GenerateResponse {
        // What the model said stays as it is; its labels are shown in logs.
        let response = response.with_labels(|label| asked.scrubbed(label));
        let timings = Timings::new(first_token, Some(self.elapsed()));
        let response = self.warnings.into_iter().fold(response, GenerateResponse::with_warning);
        response
            .with_origin(Some(self.requested_model), self.served_by, self.request_id)
            .with_routing(self.routing)
            .with_timings(timings)
            .with_retries(self.retries)
    }
}
