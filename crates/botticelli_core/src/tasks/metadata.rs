//! The facts of a call that the responses of all tasks have.

use crate::{Cost, RateLimitStatus, Retry, Timings, Usage};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// The facts of a call: model, provider, request id, usage, cost, times, retries, warnings.
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct TaskMetadata {
    /// Requested model.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_model: Option<String>,
    /// Model name that the service sent.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Provider that served the response.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// Request id to quote to the service's support.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Token counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    /// Cost with its source.
    cost: Cost,
    /// Measured times.
    timings: Timings,
    /// Failed attempts before the response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retries: Vec<Retry>,
    /// Rest of the service's rate limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<Box<RateLimitStatus>>,
    /// Warnings for the caller.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    /// Number of inputs whose results come from a cache.
    #[serde(skip_serializing_if = "is_zero")]
    cached_inputs: usize,
    /// Origin in a cache: nothing was sent.
    #[serde(rename = "cached", skip_serializing_if = "std::ops::Not::not")]
    #[builder(setter(name = "cached"))]
    is_cached: bool,
    /// Number of requests of the call, without retries.
    #[serde(skip_serializing_if = "is_zero")]
    requests: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl TaskMetadata {
    /// Returns a builder with all facts unset.
    pub fn builder() -> TaskMetadataBuilder {
        TaskMetadataBuilder::default()
    }

    /// Returns the requested model.
    pub fn requested_model(&self) -> Option<&str> {
        self.requested_model.as_deref()
    }

    /// Returns the model name that the service sent.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Returns the provider that served the response.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// Returns the request id to quote to the service's support. A call with several requests has the id of its first request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the token counts, if the service sent them.
    pub const fn usage(&self) -> Option<&Usage> {
        self.usage.as_ref()
    }

    /// Returns the cost with its source.
    pub const fn cost(&self) -> Cost {
        self.cost
    }

    /// Returns the measured times.
    pub const fn timings(&self) -> Timings {
        self.timings
    }

    /// Returns the failed attempts before the response.
    pub fn retries(&self) -> &[Retry] {
        &self.retries
    }

    /// Returns the rest of the service's rate limit, if the service sent it.
    pub fn rate_limit(&self) -> Option<&RateLimitStatus> {
        self.rate_limit.as_deref()
    }

    /// Returns the warnings for the caller.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns the number of inputs whose results come from a cache. They are in no usage and no cost.
    pub const fn cached_inputs(&self) -> usize {
        self.cached_inputs
    }

    /// Sets the number of inputs whose results come from a cache.
    pub const fn with_cached_inputs(mut self, cached_inputs: usize) -> Self {
        self.cached_inputs = cached_inputs;
        self
    }

    /// Returns whether the whole response comes from a cache. Such a response costs nothing. Its usage is the usage of the original
    /// response.
    pub const fn is_cached(&self) -> bool {
        self.is_cached
    }

    /// Sets whether the whole response comes from a cache.
    pub const fn with_cached(mut self, is_cached: bool) -> Self {
        self.is_cached = is_cached;
        self
    }

    /// Returns the number of requests of the call, without retries. A long list of inputs has several. 0 if the driver does not count
    /// them.
    pub const fn requests(&self) -> usize {
        self.requests
    }

    /// Returns the facts without those of the original call: its times, retries, requests, warnings and rate limit.
    pub fn without_call_details(self) -> Self {
        Self {
            timings: Timings::default(),
            retries: Vec::new(),
            rate_limit: None,
            warnings: Vec::new(),
            requests: 0,
            ..self
        }
    }

    /// Sets the model name that the service sent.
    pub fn with_model(mut self, model: Option<String>) -> Self {
        self.model = model;
        self
    }

    /// Sets the token counts and the cost.
    pub fn with_usage(mut self, usage: Option<Usage>, cost: Cost) -> Self {
        self.usage = usage;
        self.cost = cost;
        self
    }

    /// Sets the measured times.
    pub fn with_timings(mut self, timings: Timings) -> Self {
        self.timings = timings;
        self
    }

    /// Sets the failed attempts before the response.
    pub fn with_retries(mut self, retries: Vec<Retry>) -> Self {
        self.retries = retries;
        self
    }

    /// Adds a warning, unless it is there.
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        let warning = warning.into();
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
        self
    }

    /// Returns the facts of a call with one more request.
    pub fn merged(facts: Option<Self>, next: Self) -> Option<Self> {
        Some(match facts {
            Some(facts) => facts.merge(next),
            None => next,
        })
    }

    /// Returns the facts of a call that consists of both requests. Usage, cost and retries add up; a count that either lacks is
    /// unknown. The other facts are those of this request.
    pub fn merge(mut self, next: Self) -> Self {
        self.usage = self.usage.zip(next.usage).map(|(usage, next)| usage + next);
        self.cost += next.cost;
        self.retries.extend(next.retries);
        self.cached_inputs = self.cached_inputs.saturating_add(next.cached_inputs);
        self.requests = self.requests.saturating_add(next.requests);
        self.is_cached &= next.is_cached;
        self.rate_limit = next.rate_limit.or(self.rate_limit);
        next.warnings.into_iter().fold(self, Self::with_warning)
    }
}
