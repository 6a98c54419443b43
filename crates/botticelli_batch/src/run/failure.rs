//! The consequence of an error.

use crate::concurrency::Signal;
use botticelli_error::{BotticelliError, BotticelliErrorKind, BudgetErrorKind, BudgetPeriod, ErrorCategory};

/// The consequence of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    /// The row waits for another attempt, up to this number.
    Retry(u32),
    /// The budget has no room until calls in flight end.
    Wait,
    /// The row fails.
    Fail,
    /// The row fails if others succeed. Otherwise every row would fail, and the run stops.
    FailAlone,
    /// The run stops: every row would fail.
    Stop,
}

/// Attempts after rejections, which cost nothing, and which the run may cause by too many calls.
const REJECTED_ATTEMPTS: u32 = 20;

/// Returns the consequence of an error. `attempts` is the number of attempts after errors of the service.
pub(super) fn consequence(error: &BotticelliError, attempts: u32) -> Consequence {
    match error.category() {
        ErrorCategory::BudgetExceeded => match error.kind() {
            BotticelliErrorKind::Budget(budget) => match budget.kind() {
                // This row is too large for the limit of a call. Others may fit.
                BudgetErrorKind::Exceeded { period: BudgetPeriod::Call, .. } => Consequence::Fail,
                BudgetErrorKind::Exceeded { .. } => Consequence::Wait,
                _ => Consequence::Stop,
            },
            _ => Consequence::Wait,
        },
        ErrorCategory::CreditsExhausted
        | ErrorCategory::Authentication
        | ErrorCategory::Configuration
        | ErrorCategory::Paused
        | ErrorCategory::Store => Consequence::Stop,
        // Some services answer so to one prompt: a moderated one, or one that names another model.
        ErrorCategory::Permission
        | ErrorCategory::NotFound
        | ErrorCategory::NotServed
        | ErrorCategory::NotChatModel => Consequence::FailAlone,
        ErrorCategory::RateLimited | ErrorCategory::Loading if error.is_retryable() => {
            Consequence::Retry(REJECTED_ATTEMPTS)
        }
        _ if error.is_retryable() => Consequence::Retry(attempts),
        _ => Consequence::Fail,
    }
}

/// Returns the statement of an error about the load of the server.
pub(super) fn signal(error: &BotticelliError) -> Signal {
    let is_pressure = matches!(
        error.category(),
        ErrorCategory::RateLimited
            | ErrorCategory::Loading
            | ErrorCategory::Timeout
            | ErrorCategory::Connection
            | ErrorCategory::BudgetExceeded
    ) || matches!(error.status(), Some(408 | 425 | 429 | 502 | 503 | 504 | 529))
        || error.retry_after().is_some();
    if is_pressure { Signal::Pressure } else { Signal::Neutral }
}

/// Returns whether the error may concern the request rather than the row: the first answers decide.
pub(super) fn is_systematic(error: &BotticelliError) -> bool {
    matches!(
        error.category(),
        ErrorCategory::InvalidRequest | ErrorCategory::Unsupported | ErrorCategory::InvalidResponse
    )
}
