//! A record of whether a call was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A record of whether the current attempt of a call was sent. Clones share it.
///
/// A wrapper that counts costs attaches a flag to the request. A call that ends while its flag is clear costs nothing, even if it
/// failed. Drivers whose `reports_sends` is true set the flag.
///
/// Such a driver [sets](Self::set) the flag right before it sends an attempt. It [clears](Self::clear) the flag after an error that is
/// [not billed](botticelli_error::BotticelliError::may_be_billed), and after a [`RetryGate`](crate::RetryGate) permits another
/// attempt.
///
/// ```
/// use botticelli::{GenerateRequest, SentFlag};
///
/// let flag = SentFlag::default();
/// let request = GenerateRequest::from("Hi").with_sent_flag(flag.clone());
/// request.sent_flag().inspect(|flag| flag.set());
/// assert!(flag.is_set());
/// ```
#[derive(Clone, Debug, Default)]
pub struct SentFlag(Arc<AtomicBool>);

impl SentFlag {
    /// Records that an attempt is sent.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Records that no attempt is open, because the last attempt is not billed or is already counted.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Returns whether an attempt was sent.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Two flags are equal if they are clones of each other.
impl PartialEq for SentFlag {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
