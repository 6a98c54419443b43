//! The retry budget, so that retries do not double the load on a failing service.

use std::sync::{Mutex, PoisonError};

/// Tokens that all calls of a driver share for their retries.
///
/// A retry costs 5 tokens, a retry after a timeout 10. Polling a model that is being loaded costs 5. A successful call returns 1
/// token, or the cost of its last retry and of its polls. When the budget is used up, calls fail at once with their last error.
///
/// The figures come from the AWS SDKs, which have used them for years.
#[derive(Debug)]
pub(crate) struct RetryBudget(Mutex<u32>);

const FULL: u32 = 500;
const RETRY: u32 = 5;
const RETRY_AFTER_TIMEOUT: u32 = 10;

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Mutex::new(FULL))
    }
}

impl RetryBudget {
    /// Pays for one retry. Returns its cost, or `None` if too few tokens are left.
    pub(crate) fn draw(&self, after_timeout: bool) -> Option<u32> {
        let cost = if after_timeout { RETRY_AFTER_TIMEOUT } else { RETRY };
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.checked_sub(cost)?;
        Some(cost)
    }

    /// Returns tokens after a successful call: `cost` is what its last retry and its polls had cost.
    pub(crate) fn refund(&self, cost: Option<u32>) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_add(cost.unwrap_or(1)).min(FULL);
    }
}
