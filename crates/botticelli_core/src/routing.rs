//! The choice of a provider, and of a fallback.

use serde::{Deserialize, Serialize};

/// Provider that the driver chose for a request, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingDecision {
    /// Model name with the route that was sent: `org/model:provider`.
    model: String,
    /// Reason, in a few words.
    reason: String,
}

impl RoutingDecision {
    /// Records that the driver sent `model` for `reason`.
    pub fn new(model: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { model: model.into(), reason: reason.into() }
    }

    /// Returns the model name with the route that was sent: `org/model:provider`.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns the reason, in a few words.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// A route that was tried before the one that answered, with the reason why it did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRoute {
    /// Name of the route, such as the model.
    route: String,
    /// Reason: the error, or the rest of a cool-down.
    reason: String,
}

impl SkippedRoute {
    /// Records that `route` did not answer for `reason`.
    pub fn new(route: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { route: route.into(), reason: reason.into() }
    }

    /// Returns the name of the route, such as the model.
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Returns the reason: the error, or the rest of a cool-down.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
