//! Measured times of a response.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Times of a response, measured by the driver from the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    first_token: Option<Duration>,
    total: Option<Duration>,
}

impl Timings {
    /// Returns times as measured.
    pub const fn new(first_token: Option<Duration>, total: Option<Duration>) -> Self {
        Self { first_token, total }
    }

    /// Returns the time to the first chunk of a stream. `None` for a plain response.
    pub const fn first_token(&self) -> Option<Duration> {
        self.first_token
    }

    /// Returns the time to the end of the response.
    pub const fn total(&self) -> Option<Duration> {
        self.total
    }
}
