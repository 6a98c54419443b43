//! The choice of a provider.

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
