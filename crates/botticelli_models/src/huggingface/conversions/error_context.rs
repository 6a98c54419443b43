//! The facts of a call that its error messages need.

use crate::huggingface::PROVIDER;
use botticelli_core::redact::Secret;
use std::sync::Arc;
use std::time::Duration;

/// The facts of a call that its error messages need.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct ErrorContext {
    pub(in crate::huggingface) host: Option<Arc<str>>,
    pub(in crate::huggingface) path: Option<Arc<str>>,
    pub(in crate::huggingface) model: Option<Arc<str>>,
    /// The token that was sent. The token is redacted from the server's texts, because some servers repeat it.
    pub(in crate::huggingface) token: Option<Arc<Secret>>,
    /// The reason why a token that was found was not sent.
    pub(in crate::huggingface) withheld: Option<String>,
    pub(in crate::huggingface) request_id: Option<String>,
    pub(in crate::huggingface) retry_after: Option<Duration>,
    pub(in crate::huggingface) forbids_retry: bool,
    /// True if the request holds images, audio or documents.
    pub(in crate::huggingface) has_media: bool,
}

impl ErrorContext {
    /// Returns a text of the server without the token that was sent.
    pub(in crate::huggingface) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        self.redact_in(&mut text);
        text
    }

    /// Removes the token that was sent from a text of the server.
    pub(in crate::huggingface) fn redact_in(&self, text: &mut String) {
        if let Some(token) = &self.token {
            token.redact_in(text);
        }
    }

    /// Returns the host, or the provider's name before a host is known.
    pub(in crate::huggingface) fn host(&self) -> &str {
        self.host.as_deref().unwrap_or(PROVIDER)
    }
}
