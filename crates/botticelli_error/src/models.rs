//! The service refused.

#[cfg(feature = "huggingface")]
use crate::HuggingFaceErrorKind;
use crate::{BotticelliError, ErrorCategory};
use std::time::Duration;

/// The result of everything that a provider does.
///
/// An alias, so that `?` works on builders, `new` and `generate` alike.
pub type ModelsResult<T> = Result<T, BotticelliError>;

/// A provider refused a call, or cannot carry it.
///
/// Retried where its [category](ModelsError::category) says so.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct ModelsError {
    kind: ModelsErrorKind,
    refusal: Box<ErrorDetails>,
}

/// Why a provider refused.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ModelsErrorKind {
    /// The request holds something that this provider cannot carry. Nothing was sent. Not retried.
    Unsupported {
        /// What it is, as `an audio input`.
        what: String,
        /// What would work instead.
        remedy: String,
    },
    /// In the words of Hugging Face.
    #[cfg(feature = "huggingface")]
    HuggingFace(HuggingFaceErrorKind),
}

/// The facts of a refusal, alike for every provider.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ErrorDetails {
    /// Our name of the provider: `huggingface`.
    pub provider: &'static str,
    /// The host that answered; `None` where nothing was sent.
    pub host: Option<String>,
    /// The path that was called, without a query.
    pub path: Option<String>,
    /// The model that was asked for.
    pub model: Option<String>,
    /// The HTTP status; `None` where nothing was sent, or where the refusal came inside a successful answer.
    pub status: Option<u16>,
    /// The request id to quote to the service's support.
    pub request_id: Option<String>,
    /// How long the service asked us to wait.
    pub retry_after: Option<Duration>,
    /// Whether the service forbade to ask again, with `x-should-retry: false`.
    pub forbids_retry: bool,
    /// Whether the request holds images, sound or documents.
    pub has_media: bool,
    /// The service's own words, cut to 300 characters, with the token taken out.
    pub message: Option<String>,
}

impl ErrorDetails {
    /// No facts yet but who refused.
    pub fn by(provider: &'static str) -> Self {
        Self { provider, ..Self::default() }
    }
}

impl ModelsError {
    /// `refusal` happened, because of `kind`.
    pub fn new(kind: ModelsErrorKind, refusal: ErrorDetails) -> Self {
        Self { kind, refusal: Box::new(refusal) }
    }

    /// `provider` cannot carry `what`; `remedy` says what would work.
    pub fn unsupported(provider: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        let kind = ModelsErrorKind::Unsupported { what: what.into(), remedy: remedy.into() };
        Self::new(kind, ErrorDetails::by(provider))
    }

    /// Why it refused.
    pub fn kind(&self) -> &ModelsErrorKind {
        &self.kind
    }

    /// The facts of the refusal.
    pub fn details(&self) -> &ErrorDetails {
        &self.refusal
    }

    /// What it means, in words that fit every provider.
    pub fn category(&self) -> ErrorCategory {
        match &self.kind {
            ModelsErrorKind::Unsupported { .. } => ErrorCategory::Unsupported,
            #[cfg(feature = "huggingface")]
            ModelsErrorKind::HuggingFace(kind) => kind.category(),
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> String {
        match &self.kind {
            ModelsErrorKind::Unsupported { remedy, .. } => remedy.clone(),
            #[cfg(feature = "huggingface")]
            ModelsErrorKind::HuggingFace(kind) => kind.advice(&self.refusal),
        }
    }

    fn sentence(&self) -> String {
        let ErrorDetails { provider, host, status, request_id, message, .. } = &*self.refusal;
        let what = match &self.kind {
            ModelsErrorKind::Unsupported { what, .. } => format!("{what} cannot be sent"),
            #[cfg(feature = "huggingface")]
            ModelsErrorKind::HuggingFace(kind) => kind.sentence(&self.refusal),
        };
        let mut facts: Vec<String> = Vec::new();
        facts.extend(status.map(|status| format!("HTTP {status}")));
        facts.extend(message.as_ref().map(|message| format!("it said {message:?}")));
        facts.extend(request_id.as_ref().map(|id| format!("request id {id}")));
        let facts = match facts.as_slice() {
            [] => String::new(),
            facts => format!(" ({})", facts.join(", ")),
        };
        // A server that answered is named by its host: "huggingface" would mislead if it is llama.cpp.
        let who = match host {
            Some(host) if what.contains(host.as_str()) => String::new(),
            Some(host) => format!("{host}: "),
            None => format!("{provider}: "),
        };
        format!("{who}{what}{facts}: {}", self.advice())
    }
}
