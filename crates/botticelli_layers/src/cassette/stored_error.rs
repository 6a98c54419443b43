//! Errors in a cassette.

use botticelli_error::{BotticelliError, ErrorCategory, PartialResponse, PartialToolCall, RecordedError};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The stored form of an error.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredError {
    category: String,
    message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    advice: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
    retryable: bool,
    billed: bool,
    attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partial: Option<StoredPartial>,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct StoredPartial {
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<StoredCall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nano_dollars: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<StoredPartial>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCall {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    name: String,
    arguments: String,
}

impl StoredError {
    pub(super) fn new(error: &BotticelliError) -> Self {
        Self {
            category: error.category().as_str().to_owned(),
            message: error.to_string(),
            advice: error.advice(),
            status: error.status(),
            request_id: error.request_id().map(str::to_owned),
            retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
            retryable: error.is_retryable(),
            billed: error.may_be_billed(),
            attempts: error.attempts(),
            partial: error.partial().map(StoredPartial::new),
        }
    }

    /// Returns the error; `None` if this version does not know its category or its wait.
    #[track_caller]
    pub(super) fn read(self) -> Option<BotticelliError> {
        let category = ErrorCategory::ALL.iter().find(|category| category.as_str() == self.category)?;
        let retry_after = self.retry_after.map(Duration::try_from_secs_f64).transpose().ok()?;
        let error = RecordedError::new(*category, self.message)
            .with_advice(self.advice)
            .with_origin(self.status, self.request_id)
            .with_retry(self.retryable, retry_after)
            .with_billing(self.billed);
        let error = BotticelliError::from(error).with_attempts(self.attempts);
        Some(match self.partial {
            Some(partial) => error.with_partial(partial.read()),
            None => error,
        })
    }
}

impl StoredPartial {
    fn new(partial: &PartialResponse) -> Self {
        let calls = partial.tool_calls().iter().map(|call| StoredCall {
            id: call.id().map(str::to_owned),
            name: call.name().to_owned(),
            arguments: call.arguments().to_owned(),
        });
        Self {
            text: partial.text().to_owned(),
            reasoning: partial.reasoning().to_owned(),
            tool_calls: calls.collect(),
            prompt_tokens: partial.prompt_tokens(),
            completion_tokens: partial.completion_tokens(),
            nano_dollars: partial.nano_dollars(),
            alternatives: partial.alternatives().iter().map(Self::new).collect(),
        }
    }

    fn read(self) -> PartialResponse {
        let calls =
            self.tool_calls.into_iter().map(|call| PartialToolCall::new(call.id, call.name, call.arguments));
        PartialResponse::new(self.text, self.reasoning, calls.collect())
            .with_tokens(self.prompt_tokens, self.completion_tokens)
            .with_nano_dollars(self.nano_dollars)
            .with_alternatives(self.alternatives.into_iter().map(Self::read).collect())
    }
}
