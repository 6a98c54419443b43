//! The one error type.

use crate::{
    BuilderError, ConfigError, ErrorCategory, HttpError, HttpErrorKind, InterruptedError, JsonError,
    LimitError, ModelsError, PartialResponse, TimeoutKind,
};
use derive_builder::UninitializedFieldError;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// Everything that can go wrong, as one opaque type.
///
/// It is one word wide and cheap to clone, because one failed call may have many waiters. Ask it:
///
/// | question | answer |
/// | --- | --- |
/// | what does it mean? | [`category`](Self::category) |
/// | may the same request succeed later? | [`is_retryable`](Self::is_retryable), [`retry_after`](Self::retry_after) |
/// | what had arrived? | [`partial`](Self::partial) |
/// | what was tried, and may it cost? | [`attempts`](Self::attempts), [`may_be_billed`](Self::may_be_billed) |
/// | what should I do? | [`advice`](Self::advice), also the last part of the message |
/// | who said so? | [`provider`](Self::provider), [`status`](Self::status), [`request_id`](Self::request_id) |
/// | what exactly? | [`kind`](Self::kind) |
///
/// `Display` is one sentence, which does not repeat its [source](std::error::Error::source). `Debug` adds the sources and
/// the place in this library where it was made; `{:#?}` shows the whole structure.
#[derive(Clone)]
pub struct BotticelliError(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: BotticelliErrorKind,
    partial: Option<PartialResponse>,
    attempts: u32,
    /// Whether an earlier attempt may be billed, whatever became of the last one.
    is_billed: bool,
    location: &'static Location<'static>,
}

/// What went wrong, in detail.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BotticelliErrorKind {
    /// A value that was asked for is missing or impossible. Not retried.
    #[error(transparent)]
    Builder(#[from] BuilderError),
    /// The set-up is wrong. Not retried.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The service refused. Retried where its [category](ModelsError::category) says so.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// No answer came, or not all of it. Retried, but for redirects and limits.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The answer made no sense. Not retried.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The stream ended before the model had finished. Retried.
    #[error(transparent)]
    Interrupted(#[from] InterruptedError),
    /// A limit of the caller's own was reached. Not retried.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

impl BotticelliError {
    /// An error of `kind`, made where this is called.
    #[track_caller]
    pub fn new(kind: impl Into<BotticelliErrorKind>) -> Self {
        Self(Arc::new(Inner {
            kind: kind.into(),
            partial: None,
            attempts: 1,
            is_billed: false,
            location: Location::caller(),
        }))
    }

    /// Adds what had arrived of the answer. Nothing is added where nothing had.
    pub fn with_partial(mut self, partial: PartialResponse) -> Self {
        if !partial.is_empty() {
            Arc::make_mut(&mut self.0).partial = Some(partial);
        }
        self
    }

    /// Says how many attempts were made before this error was given up on.
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        if attempts != self.0.attempts {
            Arc::make_mut(&mut self.0).attempts = attempts;
        }
        self
    }

    /// Says whether one of the attempts may be billed; the last one is known by its kind.
    pub fn with_billing(mut self, is_billed: bool) -> Self {
        if is_billed && !self.may_be_billed() {
            Arc::make_mut(&mut self.0).is_billed = true;
        }
        self
    }

    /// What went wrong, in detail.
    pub fn kind(&self) -> &BotticelliErrorKind {
        &self.0.kind
    }

    /// What it means, in words that fit every provider.
    pub fn category(&self) -> ErrorCategory {
        match self.kind() {
            BotticelliErrorKind::Builder(_) => ErrorCategory::InvalidRequest,
            BotticelliErrorKind::Config(_) => ErrorCategory::Configuration,
            BotticelliErrorKind::Models(error) => error.category(),
            BotticelliErrorKind::Http(error) => match error.kind() {
                HttpErrorKind::Connect
                | HttpErrorKind::UntrustedCertificate { .. }
                | HttpErrorKind::WrongScheme { .. }
                | HttpErrorKind::NoResponse
                | HttpErrorKind::Disconnected => ErrorCategory::Connection,
                HttpErrorKind::Timeout { .. } => ErrorCategory::Timeout,
                HttpErrorKind::Redirect { .. } | HttpErrorKind::Redirected { .. } => {
                    ErrorCategory::Configuration
                }
                HttpErrorKind::TooLarge { .. } => ErrorCategory::TooLarge,
            },
            BotticelliErrorKind::Json(_) => ErrorCategory::InvalidResponse,
            BotticelliErrorKind::Interrupted(_) => ErrorCategory::Interrupted,
            BotticelliErrorKind::Limit(_) => ErrorCategory::LimitReached,
        }
    }

    /// Whether the same request may succeed a little later, nothing else being changed.
    ///
    /// Not where the service forbade it. A retry may be billed again where an answer had begun.
    pub fn is_retryable(&self) -> bool {
        // A certificate does not become a better one in a second, nor does a port begin to speak TLS.
        let is_distrust = matches!(self.kind(), BotticelliErrorKind::Http(error)
            if matches!(error.kind(), HttpErrorKind::UntrustedCertificate { .. } | HttpErrorKind::WrongScheme { .. }));
        let is_forbidden = self.models().is_some_and(|error| error.details().forbids_retry);
        self.category().is_retryable() && !is_distrust && !is_forbidden
    }

    /// How long the service asked us to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.models().and_then(|error| error.details().retry_after)
    }

    /// The HTTP status, where an answer came with one that was not a success.
    pub fn status(&self) -> Option<u16> {
        match self.kind() {
            BotticelliErrorKind::Models(error) => error.details().status,
            BotticelliErrorKind::Http(error) => match error.kind() {
                HttpErrorKind::Redirect { status, .. } => Some(*status),
                _ => None,
            },
            _ => None,
        }
    }

    /// The provider that refused: `huggingface`.
    pub fn provider(&self) -> Option<&'static str> {
        self.models().map(|error| error.details().provider)
    }

    /// The request id to quote to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.models().and_then(|error| error.details().request_id.as_deref())
    }

    /// What had arrived of an interrupted answer; `None` where nothing had.
    pub fn partial(&self) -> Option<&PartialResponse> {
        self.0.partial.as_ref()
    }

    /// How many attempts were made; 1 where none was made again.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the service may bill for what failed, so that asking again may be billed twice.
    ///
    /// It bills an answer that it began with success, however it ended; a refusal costs nothing. All attempts count, not only
    /// the last one.
    pub fn may_be_billed(&self) -> bool {
        let began = match self.kind() {
            BotticelliErrorKind::Http(error) => match error.kind() {
                HttpErrorKind::Connect
                | HttpErrorKind::UntrustedCertificate { .. }
                | HttpErrorKind::WrongScheme { .. }
                | HttpErrorKind::Redirect { .. }
                | HttpErrorKind::Redirected { .. } => false,
                HttpErrorKind::Timeout { kind, .. } => {
                    !matches!(kind, TimeoutKind::Connect | TimeoutKind::Loading)
                }
                HttpErrorKind::NoResponse | HttpErrorKind::Disconnected | HttpErrorKind::TooLarge { .. } => {
                    true
                }
            },
            // What was answered before a limit was reached is billed, too.
            BotticelliErrorKind::Json(_)
            | BotticelliErrorKind::Interrupted(_)
            | BotticelliErrorKind::Limit(_) => true,
            BotticelliErrorKind::Models(error) => {
                error.details().host.is_some() && error.details().status.is_none()
            }
            BotticelliErrorKind::Builder(_) | BotticelliErrorKind::Config(_) => false,
        };
        began || self.0.is_billed || self.partial().is_some()
    }

    /// What to do about it: the last part of the message.
    pub fn advice(&self) -> String {
        match self.kind() {
            BotticelliErrorKind::Builder(error) => error.advice().to_owned(),
            BotticelliErrorKind::Config(error) => error.advice().to_owned(),
            BotticelliErrorKind::Models(error) => error.advice(),
            BotticelliErrorKind::Http(error) => error.advice(),
            BotticelliErrorKind::Json(error) => error.advice().to_owned(),
            BotticelliErrorKind::Interrupted(error) => error.advice().to_owned(),
            BotticelliErrorKind::Limit(error) => error.advice().to_owned(),
        }
    }

    /// Where in this library it was made: for its authors, rather than for its users.
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    fn models(&self) -> Option<&ModelsError> {
        match self.kind() {
            BotticelliErrorKind::Models(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for BotticelliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.kind(), f)
    }
}

impl fmt::Debug for BotticelliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            // What `main` prints, and `unwrap`: a person reads it.
            write!(f, "{self}")?;
            let mut cause = std::error::Error::source(self);
            while let Some(error) = cause {
                write!(f, "; caused by: {error}")?;
                cause = error.source();
            }
            return write!(f, " (made at {})", self.location());
        }
        f.debug_struct("BotticelliError")
            .field("kind", self.kind())
            .field("partial", &self.partial())
            .field("attempts", &self.attempts())
            .field("location", &format_args!("{}", self.location()))
            .finish()
    }
}

impl std::error::Error for BotticelliError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.kind().source()
    }
}

// One `From` an origin, so that `?` works on each of them and the place it was used at is kept.
macro_rules! from_origin {
    ($($origin:ty),*) => {$(
        impl From<$origin> for BotticelliError {
            #[track_caller]
            fn from(error: $origin) -> Self {
                Self::new(error)
            }
        }
    )*};
}

from_origin!(BuilderError, ConfigError, HttpError, InterruptedError, JsonError, LimitError, ModelsError);

// It stands here because of the orphan rule: `derive_builder` makes this error in every crate that has a builder.
impl From<UninitializedFieldError> for BotticelliError {
    #[track_caller]
    fn from(error: UninitializedFieldError) -> Self {
        Self::new(BuilderError::from(error))
    }
}
