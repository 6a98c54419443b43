//! Changes of a response in place, for drivers. A response is large, and each `with_*` method moves it.

use super::GenerateResponse;
use crate::{Cost, FinishReason, RateLimitStatus, Retry, RoutingDecision, Timings};

#[doc(hidden)]
impl GenerateResponse {
    pub fn set_identity(&mut self, id: Option<String>, model: Option<String>) {
        self.content.id = id;
        self.content.model = model;
    }

    /// Moves the model name that the service sent, and the provider, out of the response.
    pub fn take_served_by(&mut self) -> (Option<String>, Option<String>) {
        (self.content.model.take(), self.content.provider.take())
    }

    pub fn set_cost(&mut self, cost: Cost) {
        self.content.cost = cost;
    }

    pub fn set_origin(
        &mut self,
        requested_model: Option<String>,
        provider: Option<String>,
        request_id: Option<String>,
    ) {
        self.content.requested_model = requested_model;
        self.content.provider = provider;
        self.content.request_id = request_id;
    }

    pub fn set_routing(&mut self, routing: Option<RoutingDecision>) {
        self.content.routing = routing;
    }

    pub fn set_timings(&mut self, timings: Timings) {
        self.content.timings = timings;
    }

    pub fn set_rate_limit(&mut self, rate_limit: Option<Box<RateLimitStatus>>) {
        self.content.rate_limit = rate_limit;
    }

    pub fn set_retries(&mut self, retries: Vec<Retry>) {
        self.content.retries = retries;
    }

    pub fn add_warnings(&mut self, warnings: impl IntoIterator<Item = String>) {
        self.content.warnings.extend(warnings);
    }

    /// Rewrites the labels that the service sent: id, model, unknown finish reasons, and the warnings, which may repeat them.
    pub fn rewrite_labels(&mut self, rewrite: impl Fn(&mut String)) {
        let others = self.content.alternatives.iter_mut().map(|choice| &mut choice.finish_reason);
        for reason in others.chain([&mut self.content.finish_reason]) {
            if let FinishReason::Other(word) = reason {
                rewrite(word);
            }
        }
        self.content
            .warnings
            .iter_mut()
            .chain(&mut self.content.id)
            .chain(&mut self.content.model)
            .for_each(rewrite);
    }
}
