//! Requests to the management API of dedicated endpoints that fail.

use crate::ErrorCategory;
use crate::endpoint_kind::EndpointErrorKind;
use std::time::Duration;

/// A request about a dedicated endpoint that fails, or a refusal before the request was sent.
///
/// Retried if its [category](Self::category) says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct EndpointError {
    kind: EndpointErrorKind,
    /// Endpoint, such as `org/name`, or the namespace.
    endpoint: String,
    host: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    message: Option<String>,
    retry_after: Option<Duration>,
}

impl EndpointError {
    /// Returns an error of this `kind` about an endpoint, such as `org/name`.
    pub fn new(kind: EndpointErrorKind, endpoint: impl Into<String>) -> Self {
        Self {
            kind,
            endpoint: endpoint.into(),
            host: None,
            status: None,
            request_id: None,
            message: None,
            retry_after: None,
        }
    }

    /// Returns the error with the host that answered, and the HTTP status.
    pub fn with_status(mut self, host: impl Into<String>, status: u16) -> Self {
        (self.host, self.status) = (Some(host.into()), Some(status));
        self
    }

    /// Returns the error with the message of the service, from which tokens are removed.
    pub fn with_message(mut self, message: Option<String>) -> Self {
        self.message = message;
        self
    }

    /// Returns the error with the request id to quote to the service's support.
    pub fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.request_id = request_id;
        self
    }

    /// Returns the error with the wait that the service requests before the next attempt.
    pub fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// Returns the reason.
    pub fn kind(&self) -> &EndpointErrorKind {
        &self.kind
    }

    /// Returns the endpoint, such as `org/name`, or the namespace of a list.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the host that answered; `None` if nothing was sent.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns the HTTP status of an unsuccessful response.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the request id to quote to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the message of the service.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns the wait that the service requests before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the meaning of the error.
    pub fn category(&self) -> ErrorCategory {
        self.kind.category()
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> String {
        self.kind.advice()
    }

    fn sentence(&self) -> String {
        let message = self.message.as_ref().map(|message| format!("{message:?}"));
        let facts: Vec<String> = [
            self.host.clone().filter(|_| self.status.is_some()),
            match (self.status, message) {
                (Some(status), Some(message)) => Some(format!("HTTP {status}: {message}")),
                (Some(status), None) => Some(format!("HTTP {status}")),
                (None, message) => message,
            },
            self.request_id.as_ref().map(|id| format!("request id {id}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
        format!("endpoint {}: {}{facts}. {}", self.endpoint, self.kind.reason(), self.advice())
    }
}
