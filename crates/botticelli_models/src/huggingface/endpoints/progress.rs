//! The progress of an endpoint that starts.

use super::endpoint::InferenceEndpoint;
use super::state::EndpointState;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The progress of an endpoint that starts.
#[derive(Clone, Debug)]
pub struct EndpointProgress {
    endpoint: InferenceEndpoint,
    elapsed: Duration,
}

impl EndpointProgress {
    pub(super) const fn new(endpoint: InferenceEndpoint, elapsed: Duration) -> Self {
        Self { endpoint, elapsed }
    }

    /// Returns the endpoint as the service last described it.
    pub const fn endpoint(&self) -> &InferenceEndpoint {
        &self.endpoint
    }

    /// Returns the state.
    pub const fn state(&self) -> &EndpointState {
        self.endpoint.state()
    }

    /// Returns the time since the wait started.
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// Callback for every poll of an endpoint that starts. The observer runs inside the call, so it should return at once.
#[derive(Clone)]
pub struct EndpointObserver(Arc<dyn Fn(&EndpointProgress) + Send + Sync>);

impl EndpointObserver {
    pub(super) fn notify(&self, progress: &EndpointProgress) {
        (self.0)(progress);
    }
}

impl<F: Fn(&EndpointProgress) + Send + Sync + 'static> From<F> for EndpointObserver {
    fn from(callback: F) -> Self {
        Self(Arc::new(callback))
    }
}

impl fmt::Debug for EndpointObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndpointObserver")
    }
}
