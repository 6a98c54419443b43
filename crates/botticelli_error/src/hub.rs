//! Downloads from the Hub that fail, and its cache.

use crate::ErrorCategory;
use crate::hub_kind::HubErrorKind;
use std::sync::Arc;
use std::time::Duration;

/// A download from the Hub that fails, or an entry of its cache that cannot be used.
///
/// Retried if the [kind](HubErrorKind) says so.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct HubError {
    kind: HubErrorKind,
    /// Repository, such as `org/name` or `datasets/org/name`.
    repository: String,
    file: Option<String>,
    host: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    message: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl HubError {
    /// Returns an error of this `kind` about a repository, such as `org/name`.
    pub fn new(kind: HubErrorKind, repository: impl Into<String>) -> Self {
        Self {
            kind,
            repository: repository.into(),
            file: None,
            host: None,
            status: None,
            request_id: None,
            message: None,
            retry_after: None,
            source: None,
        }
    }

    /// Returns the error with the name of the file.
    pub fn with_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
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

    /// Returns the error with its source.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the reason.
    pub fn kind(&self) -> &HubErrorKind {
        &self.kind
    }

    /// Returns the repository, such as `org/name` or `datasets/org/name`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the file in the repository.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
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
        self.kind.advice(&self.repository, self.retry_after)
    }

    fn sentence(&self) -> String {
        let place = match &self.file {
            Some(file) => format!("{} in {}", file, self.repository),
            None => self.repository.clone(),
        };
        let facts: Vec<String> = [
            self.host.clone().filter(|_| self.status.is_some()),
            self.status.map(|status| match &self.message {
                Some(message) => format!("HTTP {status}: {message:?}"),
                None => format!("HTTP {status}"),
            }),
            self.request_id.as_ref().map(|id| format!("request id {id}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
        format!("{place}: {}{facts}. {}", self.kind.reason(), self.advice())
    }
}
