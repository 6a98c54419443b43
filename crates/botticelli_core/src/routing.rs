//! Who was chosen for a request, and why.

use serde::{Deserialize, Serialize};

/// Who was chosen for a request, and why: a fact about the answer, and no fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingDecision {
    /// The model, as the service was asked for it: `org/model:provider`.
    model: String,
    /// Why, in a few words.
    reason: String,
}

impl RoutingDecision {
    /// `model` was asked for, because of `reason`.
    pub fn new(model: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { model: model.into(), reason: reason.into() }
    }

    /// The model, as the service was asked for it: `org/model:provider`.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Why, in a few words.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
