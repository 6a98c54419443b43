//! The errors of Botticelli, as one type: [`BotticelliError`].
//!
//! The type is opaque, has the size of a pointer, and is cheap to clone. Its [kind](BotticelliErrorKind) says what happened. Its
//! predicates say what to do. A caller or a wrapper needs only the predicates:
//!
//! ```
//! use botticelli_error::{BotticelliError, BuilderError, ErrorCategory};
//!
//! let error: BotticelliError = BuilderError::missing("GenerateRequest", "messages", "give at least one").into();
//! assert_eq!(error.category(), ErrorCategory::InvalidRequest);
//! assert!(!error.is_retryable());
//! assert_eq!(error.to_string(), "GenerateRequest: `messages` is missing. Give at least one.");
//! ```
//!
//! A message names who failed, what failed and the offending value, and ends with what to do next. It never repeats its
//! [source](std::error::Error::source) and never contains a token.
//!
//! | file | error |
//! | --- | --- |
//! | [`builder`](BuilderError) | a missing or invalid value |
//! | [`config`](ConfigError) | an invalid configuration: a file, a key, a base URL |
//! | [`models`](ModelsError), [`details`](ErrorDetails) | a request that the provider rejects, and its facts |
//! | [`http`](HttpError) | a missing or incomplete response |
//! | [`json`](JsonError) | a successful response with unusable content |
//! | [`interrupted`](InterruptedError), [`partial`](PartialResponse) | an interrupted stream, and the part of the response that arrived |
//! | [`limit`](LimitError) | a limit that the caller set |
//! | [`budget`](BudgetError) | a call that a budget refuses |
//! | [`store`](StoreError) | a store that fails: a ledger, a cache |
//! | [`data`](DataError) | a data set that cannot be read or written |
//! | [`model_file`](ModelFileError) | a model file that cannot be used |
//! | [`hub`](HubError), [`hub_kind`](HubErrorKind) | a download that fails |
//! | [`endpoint`](EndpointError), [`endpoint_kind`](EndpointErrorKind) | a request about a dedicated endpoint that fails |
//! | [`recorded`](RecordedError) | an error that a recording replays |

mod budget;
mod builder;
mod category;
mod config;
mod data;
mod details;
mod endpoint;
mod endpoint_kind;
mod error;
mod http;
mod hub;
mod hub_kind;
#[cfg(feature = "huggingface")]
mod huggingface;
mod interrupted;
mod json;
mod limit;
mod model_file;
mod models;
mod partial;
mod recorded;
mod sentence;
mod store;

pub use budget::{BudgetError, BudgetErrorKind, BudgetPeriod, BudgetUnit};
pub use builder::BuilderError;
pub use category::ErrorCategory;
pub use config::ConfigError;
pub use data::{DataError, DataErrorKind};
pub use details::ErrorDetails;
pub use endpoint::EndpointError;
pub use endpoint_kind::EndpointErrorKind;
pub use error::{BotticelliError, BotticelliErrorKind, ModelsResult};
pub use http::{CertificateProblem, HttpError, HttpErrorKind, TimeoutKind};
pub use hub::HubError;
pub use hub_kind::HubErrorKind;
#[cfg(feature = "huggingface")]
pub use huggingface::HuggingFaceErrorKind;
pub use interrupted::InterruptedError;
pub use json::{JsonError, JsonErrorKind};
pub use limit::{LimitError, LimitErrorKind};
pub use model_file::{ModelFileError, ModelFileErrorKind};
pub use models::{ModelsError, ModelsErrorKind};
pub use partial::{PartialResponse, PartialToolCall};
pub use recorded::RecordedError;
pub use store::{StoreError, StoreErrorKind};
