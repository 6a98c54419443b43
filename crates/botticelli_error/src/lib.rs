//! What can go wrong in Botticelli, as one type: [`BotticelliError`].
//!
//! It is opaque, one word wide and cheap to clone. Its [kind](BotticelliErrorKind) says *what* happened; its
//! predicates say *what to do*, and they are all a caller or a wrapper needs:
//!
//! ```
//! use botticelli_error::{BotticelliError, BuilderError, ErrorCategory};
//!
//! let error: BotticelliError = BuilderError::missing("GenerateRequest", "messages", "give at least one").into();
//! assert_eq!(error.category(), ErrorCategory::InvalidRequest);
//! assert!(!error.is_retryable());
//! assert_eq!(error.to_string(), "GenerateRequest: `messages` is missing: give at least one");
//! ```
//!
//! A message is one sentence: who, what, which value, what to do next. It never repeats its
//! [source](std::error::Error::source), and no token ever stands in it.
//!
//! | file | what went wrong |
//! | --- | --- |
//! | [`builder`](BuilderError) | a value that was asked for is missing or impossible |
//! | [`config`](ConfigError) | the set-up: a file, a key, a base URL |
//! | [`models`](ModelsError) | the service refused |
//! | [`http`](HttpError) | no answer came, or not all of it |
//! | [`json`](JsonError) | the answer made no sense |
//! | [`interrupted`](PartialResponse) | what had arrived before it broke |
//! | [`limit`](LimitError) | a limit of the caller's own was reached |

mod builder;
mod category;
mod config;
mod error;
mod http;
#[cfg(feature = "huggingface")]
mod huggingface;
mod interrupted;
mod json;
mod limit;
mod models;

pub use builder::BuilderError;
pub use category::ErrorCategory;
pub use config::ConfigError;
pub use error::{BotticelliError, BotticelliErrorKind};
pub use http::{CertificateProblem, HttpError, HttpErrorKind, TimeoutKind};
#[cfg(feature = "huggingface")]
pub use huggingface::HuggingFaceErrorKind;
pub use interrupted::{InterruptedError, PartialResponse, PartialToolCall};
pub use json::{JsonError, JsonErrorKind};
pub use limit::{LimitError, LimitErrorKind};
pub use models::{ErrorDetails, ModelsError, ModelsErrorKind, ModelsResult};
