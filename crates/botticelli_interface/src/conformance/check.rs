//! Helpers of all cases.

use super::report::Outcome;
use botticelli_core::{GenerateRequest, Message};
use botticelli_error::{BotticelliError, ErrorCategory};
use std::fmt;

pub(super) type Checked = Result<(), Outcome>;

pub(super) fn failed(reason: impl fmt::Display) -> Outcome {
    Outcome::Failed(reason.to_string())
}

pub(super) fn check(is_met: bool, reason: impl FnOnce() -> String) -> Checked {
    if is_met { Ok(()) } else { Err(Outcome::Failed(reason())) }
}

/// Returns a request with temperature 0 and a seed, so that two calls have the same response.
pub(super) fn prompt(max_tokens: u32) -> Result<GenerateRequest, Outcome> {
    GenerateRequest::builder()
        .messages(vec![Message::user("Hello, how are you?")])
        .max_tokens(max_tokens)
        .temperature(0.0)
        .seed(7)
        .build()
        .map_err(failed)
}

pub(super) fn has_category(error: &BotticelliError, accepted: &[ErrorCategory]) -> Checked {
    check(accepted.contains(&error.category()), || format!("{:?}: {error}", error.category()))
}

/// Checks that the driver rejects the request as unsupported or invalid. A driver may reject a feature that it does not support,
/// but must say so.
pub(super) fn is_unsupported(error: &BotticelliError) -> Checked {
    has_category(error, &[ErrorCategory::Unsupported, ErrorCategory::InvalidRequest])
}
