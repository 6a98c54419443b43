//! The record of what a call has sent.

use crate::transport::CallGuard;
use botticelli_core::tasks::TaskOptions;
use botticelli_core::{RetryGate, SentFlag};
use std::sync::atomic::{AtomicBool, Ordering};

/// The caller's permission for retries, and the caller's record of what the call has sent.
///
/// A failed request clears the record if it is not billed. The record is about the whole call, so that a call that may have several
/// requests never clears it.
#[derive(Debug)]
pub(super) struct SendRecord {
    gate: Option<RetryGate>,
    flag: Option<SentFlag>,
    has_several: AtomicBool,
}

impl SendRecord {
    pub(super) fn new(options: &TaskOptions) -> Self {
        let (gate, flag) = (options.retry_gate().cloned(), options.sent_flag().cloned());
        Self { gate, flag, has_several: AtomicBool::new(false) }
    }

    /// Announces that the call may have several requests.
    pub(super) fn expect_several(&self) {
        self.has_several.store(true, Ordering::Release);
    }

    /// Returns the guard of the next request, which is sent now.
    pub(super) fn begin(&self) -> CallGuard {
        let flag = self.flag.as_ref();
        if !self.has_several.load(Ordering::Acquire) {
            return CallGuard::new(self.gate.as_ref(), flag);
        }
        if let Some(flag) = flag {
            flag.set();
        }
        CallGuard::new(self.gate.as_ref(), None)
    }
}
