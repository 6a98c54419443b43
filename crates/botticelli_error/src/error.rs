//! The error type.

use crate::{
    BudgetError, BudgetErrorKind, BuilderError, ConfigError, DataError, EndpointError, ErrorCategory,
    HttpError, HttpErrorKind, HubError, InterruptedError, JsonError, LimitError, LimitErrorKind,
    ModelFileError, ModelsError, PartialResponse, RecordedError, StoreError, TimeoutKind,
};
use derive_builder::UninitializedFieldError;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// The result of every call to a driver or a builder.
///
/// One alias, so that `?` works on builders, `new` and `generate` alike.
pub type ModelsResult<T> = Result<T, BotticelliError>;

/// An error of any kind, as one opaque type.
///
/// The type has the size of a pointer and is cheap to clone, because many callers may wait for one failed call.
///
/// | question | method |
/// | --- | --- |
/// | what does the error mean? | [`category`](Self::category) |
/// | may the same request succeed later? | [`is_retryable`](Self::is_retryable), [`retry_after`](Self::retry_after) |
/// | which part of the response arrived? | [`partial`](Self::partial) |
/// | how many attempts were made, and may they cost money? | [`attempts`](Self::attempts), [`may_be_billed`](Self::may_be_billed) |
/// | what can I do? | [`advice`](Self::advice), also the last part of the message |
/// | who reported it? | [`provider`](Self::provider), [`status`](Self::status), [`request_id`](Self::request_id) |
/// | what happened in detail? | [`kind`](Self::kind) |
///
/// `Display` gives the problem and the remedy, and does not repeat the [source](std::error::Error::source). `Debug` adds the
/// sources and the location in this library that created the error; `{:#?}` shows the whole structure.
#[derive(Clone)]
pub struct BotticelliError(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: BotticelliErrorKind,
    partial: Option<PartialResponse>,
    attempts: u32,
    /// `true` if an attempt before the last one may be billed.
    is_billed: bool,
    /// Facts that a wrapper adds to the message.
    note: Option<Box<str>>,
    location: &'static Location<'static>,
}

/// The details of an error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BotticelliErrorKind {
    /// A value is missing or invalid. Not retried.
    #[error(transparent)]
    Builder(#[from] BuilderError),
    /// The configuration is invalid. Not retried.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The provider rejects the request. Retried if its [category](ModelsError::category) says so.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// The response is missing or incomplete. Retried, except after redirects, size limits, certificate problems and a wrong
    /// scheme.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The response has unusable content. Not retried.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The stream ended before the model had finished. Retried.
    #[error(transparent)]
    Interrupted(#[from] InterruptedError),
    /// A limit that the caller set was reached. Not retried.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// A budget refuses the call. Not retried.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// A store fails. Not retried.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A data set cannot be read or written. Not retried.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A model file cannot be used. Not retried.
    #[error(transparent)]
    ModelFile(#[from] ModelFileError),
    /// A download from the Hub fails. Retried if its [category](HubError::category) says so.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// A request about a dedicated endpoint fails. Retried if its [category](EndpointError::category) says so.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A recording replays an error. Retried if the original was.
    #[error(transparent)]
    Recorded(#[from] RecordedError),
}

impl BotticelliError {
    /// Returns an error of this `kind`, with the location of the caller.
    #[track_caller]
    pub fn new(kind: impl Into<BotticelliErrorKind>) -> Self {
        Self(Arc::new(Inner {
            kind: kind.into(),
            partial: None,
            attempts: 1,
            is_billed: false,
            note: None,
            location: Location::caller(),
        }))
    }

    /// Returns the error with the part of the response that arrived. An empty part is ignored.
    pub fn with_partial(mut self, partial: PartialResponse) -> Self {
        if !partial.is_empty() {
            Arc::make_mut(&mut self.0).partial = Some(partial);
        }
        self
    }

    /// Returns the error with the number of attempts that were made.
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        if attempts != self.0.attempts {
            Arc::make_mut(&mut self.0).attempts = attempts;
        }
        self
    }

    /// Returns the error with the information whether one of the attempts may be billed.
    ///
    /// For the last attempt, the kind of the error decides.
    pub fn with_billing(mut self, is_billed: bool) -> Self {
        if is_billed && !self.may_be_billed() {
            Arc::make_mut(&mut self.0).is_billed = true;
        }
        self
    }

    /// Returns the error with a sentence that is added to the message: the other routes that failed, or the reason why the request is
    /// not sent again. A second note is appended.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        let note = note.into();
        let inner = Arc::make_mut(&mut self.0);
        inner.note = Some(match inner.note.take() {
            Some(first) => format!("{first} {note}").into(),
            None => note.into(),
        });
        self
    }

    /// Returns the note of a wrapper, which is also the end of the message.
    pub fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Returns the details of the error.
    pub fn kind(&self) -> &BotticelliErrorKind {
        &self.0.kind
    }

    /// Returns the meaning of the error, independent of the provider.
    pub fn category(&self) -> ErrorCategory {
        match self.kind() {
            BotticelliErrorKind::Builder(_) => ErrorCategory::InvalidRequest,
            BotticelliErrorKind::Config(_) | BotticelliErrorKind::ModelFile(_) => {
                ErrorCategory::Configuration
            }
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
            BotticelliErrorKind::Limit(error) => match error.kind() {
                LimitErrorKind::Rate { .. } => ErrorCategory::RateLimited,
                _ => ErrorCategory::LimitReached,
            },
            BotticelliErrorKind::Budget(error) => match error.kind() {
                BudgetErrorKind::CreditsExhausted { .. } => ErrorCategory::CreditsExhausted,
                _ => ErrorCategory::BudgetExceeded,
            },
            BotticelliErrorKind::Store(_) => ErrorCategory::Store,
            BotticelliErrorKind::Data(_) => ErrorCategory::Data,
            BotticelliErrorKind::Hub(error) => error.category(),
            BotticelliErrorKind::Endpoint(error) => error.category(),
            BotticelliErrorKind::Recorded(error) => error.category(),
        }
    }

    /// Returns whether the same request may succeed a little later.
    ///
    /// The result is `false` if the service forbids a retry. If a response had started, a retry may be billed again.
    pub fn is_retryable(&self) -> bool {
        if let BotticelliErrorKind::Recorded(error) = self.kind() {
            return error.is_retryable();
        }
        // A retry changes neither a certificate nor the scheme of a port.
        let is_permanent = matches!(self.kind(), BotticelliErrorKind::Http(error)
            if matches!(error.kind(), HttpErrorKind::UntrustedCertificate { .. } | HttpErrorKind::WrongScheme { .. }));
        let is_forbidden = self.models().is_some_and(|error| error.details().forbids_retry);
        self.category().is_retryable() && !is_permanent && !is_forbidden
    }

    /// Returns the wait that the service requests before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind() {
            BotticelliErrorKind::Models(error) => error.details().retry_after,
            BotticelliErrorKind::Limit(error) => match error.kind() {
                LimitErrorKind::Rate { wait, .. } => Some(wait),
                _ => None,
            },
            BotticelliErrorKind::Hub(error) => error.retry_after(),
            BotticelliErrorKind::Endpoint(error) => error.retry_after(),
            BotticelliErrorKind::Recorded(error) => error.retry_after(),
            _ => None,
        }
    }

    /// Returns the HTTP status of an unsuccessful response.
    pub fn status(&self) -> Option<u16> {
        match self.kind() {
            BotticelliErrorKind::Models(error) => error.details().status,
            BotticelliErrorKind::Http(error) => match error.kind() {
                HttpErrorKind::Redirect { status, .. } => Some(*status),
                _ => None,
            },
            BotticelliErrorKind::Hub(error) => error.status(),
            BotticelliErrorKind::Endpoint(error) => error.status(),
            BotticelliErrorKind::Recorded(error) => error.status(),
            _ => None,
        }
    }

    /// Returns the name of the provider that rejected the request, such as `huggingface`.
    pub fn provider(&self) -> Option<&'static str> {
        self.models().map(|error| error.details().provider)
    }

    /// Returns the request id to quote to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        match self.kind() {
            BotticelliErrorKind::Models(error) => error.details().request_id.as_deref(),
            BotticelliErrorKind::Hub(error) => error.request_id(),
            BotticelliErrorKind::Endpoint(error) => error.request_id(),
            BotticelliErrorKind::Recorded(error) => error.request_id(),
            _ => None,
        }
    }

    /// Returns the part of the response that arrived; `None` if no content arrived.
    pub fn partial(&self) -> Option<&PartialResponse> {
        self.0.partial.as_ref()
    }

    /// Returns the number of attempts, 1 if the request was not retried.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns whether the service may bill the failed call. A retry may then be billed twice.
    ///
    /// Services bill every response that started successfully, even if it broke later. A rejected request costs nothing. If a
    /// server or a gateway gave up waiting (status 408, 499, 504, 522 or 524), or received something unreadable (520), the model may
    /// still have answered. The call therefore counts as billed. A status 500, 502 or 503 does not count: the service says that it
    /// has no answer. All attempts count, not only the last one.
    pub fn may_be_billed(&self) -> bool {
        let has_started = match self.kind() {
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
            // The responses before the limit was reached are billed too.
            BotticelliErrorKind::Json(_) | BotticelliErrorKind::Interrupted(_) => true,
            BotticelliErrorKind::Limit(error) => !matches!(error.kind(), LimitErrorKind::Rate { .. }),
            BotticelliErrorKind::Models(error) => {
                let gave_up = |status| matches!(status, 408 | 499 | 504 | 520 | 522 | 524);
                error.details().host.is_some() && error.details().status.is_none_or(gave_up)
            }
            BotticelliErrorKind::Recorded(error) => error.may_be_billed(),
            BotticelliErrorKind::Builder(_)
            | BotticelliErrorKind::Config(_)
            | BotticelliErrorKind::Budget(_)
            | BotticelliErrorKind::Store(_)
            | BotticelliErrorKind::Data(_)
            | BotticelliErrorKind::ModelFile(_)
            | BotticelliErrorKind::Hub(_)
            | BotticelliErrorKind::Endpoint(_) => false,
        };
        has_started || self.0.is_billed || self.partial().is_some()
    }

    /// Returns what to do about the error: the last part of the message.
    pub fn advice(&self) -> String {
        match self.kind() {
            BotticelliErrorKind::Builder(error) => error.advice().to_owned(),
            BotticelliErrorKind::Config(error) => error.advice().to_owned(),
            BotticelliErrorKind::Models(error) => error.advice(),
            BotticelliErrorKind::Http(error) => error.advice(),
            BotticelliErrorKind::Json(error) => error.advice().to_owned(),
            BotticelliErrorKind::Interrupted(error) => error.advice().to_owned(),
            BotticelliErrorKind::Limit(error) => error.advice().to_owned(),
            BotticelliErrorKind::Budget(error) => error.advice(),
            BotticelliErrorKind::Store(error) => error.advice(),
            BotticelliErrorKind::Data(error) => error.advice(),
            BotticelliErrorKind::ModelFile(error) => error.advice(),
            BotticelliErrorKind::Hub(error) => error.advice(),
            BotticelliErrorKind::Endpoint(error) => error.advice(),
            BotticelliErrorKind::Recorded(error) => error.advice().to_owned(),
        }
    }

    /// Returns the location in this library that created the error. It helps the authors of the library, not its users.
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
        fmt::Display::fmt(self.kind(), f)?;
        match self.note() {
            Some(note) => write!(f, " {note}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for BotticelliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            // `main` and `unwrap` print this form, so it must be readable.
            write!(f, "{self} (")?;
            let mut cause = std::error::Error::source(self);
            while let Some(error) = cause {
                write!(f, "caused by: {error}; ")?;
                cause = error.source();
            }
            return write!(f, "created at {})", self.location());
        }
        f.debug_struct("BotticelliError")
            .field("kind", self.kind())
            .field("partial", &self.partial())
            .field("attempts", &self.attempts())
            .field("note", &self.note())
            .field("location", &format_args!("{}", self.location()))
            .finish()
    }
}

impl std::error::Error for BotticelliError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.kind().source()
    }
}

// One `From` per error type, so that `?` works on each of them and keeps its location.
macro_rules! from_error {
    ($($error_type:ty),*) => {$(
        impl From<$error_type> for BotticelliError {
            #[track_caller]
            fn from(error: $error_type) -> Self {
                Self::new(error)
            }
        }
    )*};
}

from_error!(
    BudgetError,
    BuilderError,
    ConfigError,
    DataError,
    EndpointError,
    HttpError,
    HubError,
    InterruptedError,
    JsonError,
    LimitError,
    ModelFileError,
    ModelsError,
    RecordedError,
    StoreError
);

// The orphan rule requires this implementation here: `derive_builder` returns this error in every crate with a builder.
impl From<UninitializedFieldError> for BotticelliError {
    #[track_caller]
    fn from(error: UninitializedFieldError) -> Self {
        Self::new(BuilderError::from(error))
    }
}
