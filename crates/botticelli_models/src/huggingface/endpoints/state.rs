//! The states of an endpoint.

use std::fmt;

/// The state of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointState {
    /// The endpoint waits for an instance.
    Pending,
    /// The instance starts, and the model is loaded.
    Initializing,
    /// A change is being deployed. The earlier version still responds.
    Updating,
    /// A change could not be deployed.
    UpdateFailed,
    /// The endpoint responds.
    Running,
    /// The endpoint is stopped, and does not start by itself.
    Paused,
    /// The endpoint could not be deployed.
    Failed,
    /// The endpoint has no replica, and starts on the next request.
    ScaledToZero,
    /// A state that this library does not know, in the words of the service.
    Other(String),
}

impl EndpointState {
    pub(super) fn parse(word: &str) -> Self {
        match word {
            "pending" => Self::Pending,
            "initializing" => Self::Initializing,
            "updating" => Self::Updating,
            "updateFailed" => Self::UpdateFailed,
            "running" => Self::Running,
            "paused" => Self::Paused,
            "failed" => Self::Failed,
            "scaledToZero" => Self::ScaledToZero,
            other => Self::Other(other.chars().take(40).collect()),
        }
    }

    /// Returns the word of the service: `scaledToZero`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Initializing => "initializing",
            Self::Updating => "updating",
            Self::UpdateFailed => "updateFailed",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Failed => "failed",
            Self::ScaledToZero => "scaledToZero",
            Self::Other(word) => word,
        }
    }

    /// Returns whether the endpoint has replicas or gets some, which cost money.
    pub const fn is_billed(&self) -> bool {
        matches!(self, Self::Initializing | Self::Updating | Self::UpdateFailed | Self::Running)
    }

    /// Returns whether an endpoint has this state soon after it was created.
    pub(super) const fn is_new(&self) -> bool {
        matches!(self, Self::Pending | Self::Initializing)
    }

    /// Returns whether the state changes by itself.
    pub const fn is_changing(&self) -> bool {
        matches!(self, Self::Pending | Self::Initializing | Self::Updating)
    }
}

impl fmt::Display for EndpointState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
