//! Requests that a provider rejects.

#[cfg(feature = "huggingface")]
use crate::HuggingFaceErrorKind;
use crate::sentence::instruction;
use crate::{ErrorCategory, ErrorDetails};

/// A request that a provider rejects or does not support.
///
/// Retried if its [category](ModelsError::category) says so.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct ModelsError {
    kind: ModelsErrorKind,
    details: Box<ErrorDetails>,
}

/// The reason why a provider rejects a request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ModelsErrorKind {
    /// The provider does not support a part of the request. Nothing was sent. Not retried.
    Unsupported {
        /// The part, such as `an audio input`.
        what: String,
        /// A way that works, as an instruction.
        remedy: String,
    },
    /// The service rejects the request, in the words of a driver outside this library, or of a mock. Retried if its category says
    /// so.
    Rejected {
        /// The meaning of the rejection.
        category: ErrorCategory,
        /// The problem, such as `the service receives too many requests`.
        what: String,
        /// A way to solve it, as an instruction.
        remedy: String,
    },
    /// An error of Hugging Face.
    #[cfg(feature = "huggingface")]
    HuggingFace(HuggingFaceErrorKind),
}

impl ModelsError {
    /// Returns an error of this `kind`, with its `details`.
    pub fn new(kind: ModelsErrorKind, details: ErrorDetails) -> Self {
        Self { kind, details: Box::new(details) }
    }

    /// Returns the error for a part of a request, `what`, that `provider` does not support.
    ///
    /// `remedy` is an instruction, such as `send text`.
    pub fn unsupported(provider: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let kind = ModelsErrorKind::Unsupported { what: what.into(), remedy: remedy.into() };
        Self::new(kind, ErrorDetails::new(provider))
    }

    /// Returns the reason why the provider rejects the request.
    pub fn kind(&self) -> &ModelsErrorKind {
        &self.kind
    }

    /// Returns the facts of the error: host, model, status, message.
    pub fn details(&self) -> &ErrorDetails {
        &self.details
    }

    /// Returns the meaning of the error, independent of the provider.
    pub fn category(&self) -> ErrorCategory {
        match &self.kind {
            ModelsErrorKind::Unsupported { .. } => ErrorCategory::Unsupported,
            ModelsErrorKind::Rejected { category, .. } => *category,
            #[cfg(feature = "huggingface")]
            ModelsErrorKind::HuggingFace(kind) => kind.category(),
        }
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> String {
        match &self.kind {
            ModelsErrorKind::Unsupported { remedy, .. } | ModelsErrorKind::Rejected { remedy, .. } => {
                instruction(remedy)
            }
            #[cfg(feature = "huggingface")]
            ModelsErrorKind::HuggingFace(kind) => kind.advice(&self.details),
        }
    }

    fn sentence(&self) -> String {
        let ErrorDetails { provider, host, status, request_id, message, .. } = &*self.details;
        let what = match &self.kind {
            ModelsErrorKind::Unsupported { what, .. } => format!("{what} cannot be sent"),
            ModelsErrorKind::Rejected { what, .. } => what.clone(),
            #[cfg(feature = "huggingface")]
            ModelsErrorKind::HuggingFace(kind) => kind.sentence(&self.details),
        };
        let http_facts = match (status, message) {
            (Some(status), Some(message)) => Some(format!("HTTP {status}: {message:?}")),
            (Some(status), None) => Some(format!("HTTP {status}")),
            (None, Some(message)) => Some(format!("message {message:?}")),
            (None, None) => None,
        };
        let request_id = request_id.as_ref().map(|id| format!("request id {id}"));
        let facts: Vec<String> = [http_facts, request_id].into_iter().flatten().collect();
        let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
        // A server that answered is named by its host: "huggingface" would mislead if it is llama.cpp.
        let who = match host {
            Some(host) if what.contains(host.as_str()) => String::new(),
            Some(host) => format!("{host}: "),
            None => format!("{provider}: "),
        };
        format!("{who}{what}{facts}. {}", self.advice())
    }
}
