//! Streams that end too early.

/// A stream that ended without a finish reason and without `[DONE]`. Retried.
///
/// [`BotticelliError::partial`](crate::BotticelliError::partial) returns the part of the response that arrived.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stream of {host} ended before the response was complete. {}", self.advice())]
pub struct InterruptedError {
    host: String,
}

impl InterruptedError {
    /// Returns the error for a stream of `host`.
    pub fn new(host: impl Into<String>) -> Self {
        Self { host: host.into() }
    }

    /// Returns the host that sent the stream.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> &'static str {
        "Send the request again (which may be billed again), or continue from the part that arrived."
    }
}
