//! The choice of a provider, and of a fallback.

use botticelli_error::ErrorCategory;
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

/// A route that failed before another route answered, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRoute {
    /// Name of the route, such as the model.
    route: String,
    /// Reason: the error, or the rest of a cool-down.
    reason: String,
    /// Meaning of the error. `None` if the route was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "category")]
    category: Option<ErrorCategory>,
}

impl SkippedRoute {
    /// Records that `route` did not answer for `reason`.
    pub fn new(route: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { route: route.into(), reason: reason.into(), category: None }
    }

    /// Sets the meaning of the error.
    pub fn with_category(mut self, category: impl Into<Option<ErrorCategory>>) -> Self {
        self.category = category.into();
        self
    }

    /// Returns the name of the route, such as the model.
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Returns the reason: the error, or the rest of a cool-down.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the meaning of the error. `None` if the route was not asked.
    pub fn category(&self) -> Option<ErrorCategory> {
        self.category
    }
}

/// A category as its name. The name of a newer version reads as `None`.
mod category {
    use botticelli_error::ErrorCategory;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes the field by reference"
    )]
    pub(super) fn serialize<S: Serializer>(
        category: &Option<ErrorCategory>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        category.map(ErrorCategory::as_str).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<ErrorCategory>, D::Error> {
        let name = Option::<String>::deserialize(deserializer)?;
        Ok(ErrorCategory::ALL.iter().copied().find(|category| Some(category.as_str()) == name.as_deref()))
    }
}
