//! Changes of a response in place, for drivers. A response is large, and each `with_*` method moves it.

use super::GenerateResponse;
use crate::{Cost, FinishReason, RateLimitStatus, Retry, RoutingDecision, Timings};

/// The facts of a call that a driver adds to its response.
#[doc(hidden)]
#[derive(Debug)]
pub struct CallFacts {
    pub timings: Timings,
    pub requested_model: Option<String>,
    pub provider: Option<String>,
    pub request_id: Option<String>,
    pub routing: Option<RoutingDecision>,
    pub retries: Vec<Retry>,
    pub rate_limit: Option<Box<RateLimitStatus>>,
}

#[doc(hidden)]
impl GenerateResponse {
    pub fn set_call(&mut self, facts: CallFacts) {
        self.timings = facts.timings;
        self.requested_model = facts.requested_model;
        self.provider = facts.provider;
        self.request_id = facts.request_id;
        self.routing = facts.routing;
        self.retries = facts.retries;
        self.rate_limit = facts.rate_limit;
    }

    pub fn set_identity(&mut self, id: Option<String>, model: Option<String>) {
        self.id = id;
        self.model = model;
    }

    pub fn set_cost(&mut self, cost: Cost) {
        self.cost = cost;
    }

    pub fn set_retries(&mut self, retries: Vec<Retry>) {
        self.retries = retries;
    }

    pub fn add_warnings(&mut self, warnings: impl IntoIterator<Item = String>) {
        self.warnings.extend(warnings);
    }

    /// Rewrites the labels that the service sent: id, model, unknown finish reasons, and the warnings, which may repeat them.
    pub fn rewrite_labels(&mut self, rewrite: impl Fn(&mut String)) {
        let others = self.alternatives.iter_mut().map(|choice| &mut choice.finish_reason);
        for reason in others.chain([&mut self.finish_reason]) {
            if let FinishReason::Other(word) = reason {
                rewrite(word);
            }
        }
        self.warnings.iter_mut().chain(&mut self.id).chain(&mut self.model).for_each(rewrite);
    }
}
