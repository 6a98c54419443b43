//! The facts of a provider's error.

use std::time::Duration;

/// The facts of a [`ModelsError`](crate::ModelsError), the same for every provider.
///
/// The [kind](crate::ModelsErrorKind) says why the call failed. These details say which host answered, for which model, and
/// with which status and message.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ErrorDetails {
    /// Name of the provider in this library, such as `huggingface`.
    pub provider: &'static str,
    /// Host that answered; `None` if nothing was sent.
    pub host: Option<String>,
    /// Path of the call, without its query.
    pub path: Option<String>,
    /// Model that the request named.
    pub model: Option<String>,
    /// HTTP status; `None` if nothing was sent, or if the error came inside a successful response.
    pub status: Option<u16>,
    /// Request id to quote to the service's support.
    pub request_id: Option<String>,
    /// Wait that the service requests before the next attempt.
    pub retry_after: Option<Duration>,
    /// `true` if the service forbids another attempt, with `x-should-retry: false`.
    pub forbids_retry: bool,
    /// `true` if the request contains images, audio or documents.
    pub has_media: bool,
    /// Message of the service, cut to 300 characters, with the token redacted.
    pub message: Option<String>,
}

impl ErrorDetails {
    /// Returns the details of an error of `provider`, with all other fields unset.
    pub fn new(provider: &'static str) -> Self {
        Self { provider, ..Self::default() }
    }
}
