//! The record of a call.

use botticelli_core::{Cost, FinishReason, Usage};
use botticelli_error::ErrorCategory;
use std::time::Duration;

/// The facts of a call that has ended, without its texts.
#[derive(Clone, Debug)]
pub struct CallRecord {
    pub(super) operation: &'static str,
    pub(super) driver: Option<&'static str>,
    pub(super) requested_model: String,
    pub(super) model: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) is_stream: bool,
    pub(super) is_cached: bool,
    pub(super) outcome: CallOutcome,
    pub(super) usage: Option<Usage>,
    pub(super) cost: Cost,
    pub(super) retries: usize,
    pub(super) duration: Duration,
    pub(super) first_chunk: Option<Duration>,
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallOutcome {
    /// A whole response, with the reason why it ended.
    Completed(FinishReason),
    /// An error of this category. A stream may have had chunks before it.
    Failed(ErrorCategory),
    /// The caller dropped the call or the stream before its end.
    Dropped,
}

impl CallRecord {
    /// Returns the operation: `chat` or `text_completion`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns the name of the driver: `huggingface`. Drivers of text completion alone have none.
    pub fn driver(&self) -> Option<&'static str> {
        self.driver
    }

    /// Returns the model that the request named, or the driver's model.
    pub fn requested_model(&self) -> &str {
        &self.requested_model
    }

    /// Returns the model that the service reported.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Returns the provider that served the model.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// Returns whether the response was streamed.
    pub fn is_stream(&self) -> bool {
        self.is_stream
    }

    /// Returns whether a cache answered.
    pub fn is_cached(&self) -> bool {
        self.is_cached
    }

    /// Returns how the call ended.
    pub fn outcome(&self) -> &CallOutcome {
        &self.outcome
    }

    /// Returns the tokens that the service reported.
    pub fn usage(&self) -> Option<&Usage> {
        self.usage.as_ref()
    }

    /// Returns the cost. It is unknown if the call failed or was dropped.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Returns the number of failed attempts before the response.
    pub fn retries(&self) -> usize {
        self.retries
    }

    /// Returns the time from the call to its end.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Returns the time from the call to the first chunk of a stream.
    pub fn first_chunk(&self) -> Option<Duration> {
        self.first_chunk
    }
}
