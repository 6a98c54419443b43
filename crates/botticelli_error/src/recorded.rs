//! Errors from a recording.

use crate::ErrorCategory;
use std::time::Duration;

/// An error that a recording replays. Its methods return the same values as those of the original error.
///
/// The message, the category, the status and the wait are those of the original error. Its kind, its source and the location in
/// this library are lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RecordedError {
    message: String,
    advice: String,
    category: ErrorCategory,
    status: Option<u16>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    is_retryable: bool,
    is_billed: bool,
}

impl RecordedError {
    /// Returns an error with a message and a category. It may be retried if its category says so.
    pub fn new(category: ErrorCategory, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            advice: String::new(),
            category,
            status: None,
            request_id: None,
            retry_after: None,
            is_retryable: category.is_retryable(),
            is_billed: false,
        }
    }

    /// Sets what to do about the error: the last part of the message.
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// Sets the HTTP status, and the request id to quote to the service's support.
    pub fn with_origin(mut self, status: Option<u16>, request_id: Option<String>) -> Self {
        self.status = status;
        self.request_id = request_id;
        self
    }

    /// Sets whether the same request may succeed a little later, and the wait that the service requests.
    pub fn with_retry(mut self, is_retryable: bool, retry_after: Option<Duration>) -> Self {
        self.is_retryable = is_retryable;
        self.retry_after = retry_after;
        self
    }

    /// Sets whether the service may bill the failed call.
    pub fn with_billing(mut self, is_billed: bool) -> Self {
        self.is_billed = is_billed;
        self
    }

    /// Returns the meaning of the error.
    pub fn category(&self) -> ErrorCategory {
        self.category
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// Returns the HTTP status of the original response.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the request id of the original response.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the wait that the service requested.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns whether the same request may succeed a little later.
    pub fn is_retryable(&self) -> bool {
        self.is_retryable
    }

    /// Returns whether the service may have billed the failed call.
    pub fn may_be_billed(&self) -> bool {
        self.is_billed
    }
}
