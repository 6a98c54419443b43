//! How long we wait.

use std::time::Duration;

/// How long we wait for a server. A clock runs only while we wait: a reader who pauses is never timed out.
///
/// `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Until there is a connection. Default: 10 s.
    pub connect: Option<Duration>,
    /// From the call to the first event of a stream. Default: 120 s.
    pub first_token: Option<Duration>,
    /// From one piece of a stream to the next. Default: 60 s.
    pub idle: Option<Duration>,
    /// From the call to the end of a plain answer; streams have no such limit. Default: 10 min.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        Self { connect: seconds(10), first_token: seconds(120), idle: seconds(60), total: seconds(600) }
    }
}
