//! How long an answer took.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an answer took, measured here, from the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    first_token: Option<Duration>,
    total: Option<Duration>,
}

impl Timings {
    /// What was measured.
    pub const fn new(first_token: Option<Duration>, total: Option<Duration>) -> Self {
        Self { first_token, total }
    }

    /// From the call to the first piece of a stream; `None` where it was not streamed.
    pub const fn first_token(&self) -> Option<Duration> {
        self.first_token
    }

    /// From the call to the end of the answer.
    pub const fn total(&self) -> Option<Duration> {
        self.total
    }
}
