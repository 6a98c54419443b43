//! The content of a response.

use crate::{
    Choice, Cost, FinishReason, Logprobs, Output, RateLimitStatus, Retry, RoutingDecision, SkippedRoute,
    Timings, Usage,
};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// The content of a response. Its setters are those of the response's builder.
#[derive(Clone, Debug, PartialEq, Builder, Serialize, Deserialize)]
#[builder(
    name = "GenerateResponseBuilder",
    public,
    pattern = "owned",
    default,
    setter(strip_option),
    build_fn(vis = "pub(super)", name = "build_content", error = "BotticelliError")
)]
#[serde(default, rename = "GenerateResponse", expecting = "struct GenerateResponse")]
pub(super) struct Content {
    /// Parts of the response, in order.
    #[builder(setter(strip_option = false))]
    pub(super) outputs: Vec<Output>,
    /// Reason for the end of the response.
    #[builder(setter(strip_option = false))]
    pub(super) finish_reason: FinishReason,
    /// Log probabilities of the tokens, if the request asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logprobs: Option<Logprobs>,
    /// Other choices, if the request asked for several.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) alternatives: Vec<Choice>,
    /// Token counts, if the service sent them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<Usage>,
    /// Cost with its source.
    #[builder(setter(strip_option = false))]
    pub(super) cost: Cost,
    /// Requested model, with its route.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) requested_model: Option<String>,
    /// Model name that the service sent.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    /// Provider that served the response.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) provider: Option<String>,
    /// Provider that the driver chose for the request, with the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) routing: Option<RoutingDecision>,
    /// Routes that failed before another route answered.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) skipped_routes: Vec<SkippedRoute>,
    /// `true` if the response comes from a cache. Such a response costs nothing. Its usage is the usage of the original response.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_cached: bool,
    /// Rest of the service's rate limit, if the service sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate_limit: Option<Box<RateLimitStatus>>,
    /// Id of the response.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// Request id to quote to the service's support.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
    /// Measured times.
    #[builder(setter(strip_option = false))]
    pub(super) timings: Timings,
    /// Failed attempts before this response.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) retries: Vec<Retry>,
    /// Warnings for the caller.
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
}

impl Default for Content {
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
            skipped_routes: Vec::new(),
            is_cached: false,
            rate_limit: None,
            id: None,
            request_id: None,
            timings: Timings::default(),
            retries: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
