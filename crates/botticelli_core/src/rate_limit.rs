//! The state of a service's rate limit.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The rest of a rate limit, as a service reports it with a response.
///
/// `None` means that the service did not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateLimitStatus {
    /// Requests that are left until the limit resets.
    pub remaining_requests: Option<u64>,
    /// Tokens that are left until the limit resets.
    pub remaining_tokens: Option<u64>,
    /// Time until the limit resets. If only one of the two is used up, its reset; otherwise the later one.
    pub resets_after: Option<Duration>,
}

impl RateLimitStatus {
    /// Returns a status with these counts.
    pub const fn new(
        remaining_requests: Option<u64>,
        remaining_tokens: Option<u64>,
        resets_after: Option<Duration>,
    ) -> Self {
        Self { remaining_requests, remaining_tokens, resets_after }
    }
}
