//! What keeps retries from doubling the load on a service that is dying.

use std::sync::{Mutex, PoisonError};

/// The tokens that the retries of all calls of a driver draw on. A retry costs 5, and so does asking whether a model is ready;
/// one after a timeout 10. A success gives back 1, or what its own last retry and its waits for a model had cost. When they are
/// used up, calls fail at once with what they met.
///
/// The figures are those of the AWS SDKs, which have been in the field for years.
#[derive(Debug)]
pub struct RetryBudget(Mutex<u32>);

const FULL: u32 = 500;
const RETRY: u32 = 5;
const RETRY_AFTER_TIMEOUT: u32 = 10;

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Mutex::new(FULL))
    }
}

impl RetryBudget {
    /// Draws for a retry; gives back what it costs, or `None` where too little is left.
    pub fn draw(&self, after_timeout: bool) -> Option<u32> {
        let cost = if after_timeout { RETRY_AFTER_TIMEOUT } else { RETRY };
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.checked_sub(cost)?;
        Some(cost)
    }

    /// A call succeeded, whose last retry and whose waits for a model had cost so much.
    pub fn refund(&self, cost: Option<u32>) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_add(cost.unwrap_or(1)).min(FULL);
    }
}
