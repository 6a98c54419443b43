//! Ends of reservations that a dropped call could not write.

use super::store::Settlement;
use std::fmt;
#[cfg(feature = "sqlite")]
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Ends of reservations that the next operation of the ledger writes first.
///
/// A call that is dropped cannot wait for its ledger, and no task of this library outlives a call. If the process ends before the next
/// operation, the reservations stay in the ledger.
#[derive(Default)]
pub(super) struct Deferred(Mutex<Vec<(i64, Settlement)>>);

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Deferred").field(&self.ends().len()).finish()
    }
}

impl Deferred {
    fn ends(&self) -> MutexGuard<'_, Vec<(i64, Settlement)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, id: i64, settlement: Settlement) {
        self.ends().push((id, settlement));
    }

    /// Takes the last end, if there is one. It is put back when the result is dropped, unless it is empty by then.
    #[cfg(feature = "redis")]
    pub(super) fn take_last(&self) -> Taken<'_> {
        Taken { ends: self.ends().pop().into_iter().collect(), from: self }
    }

    /// Takes all ends. They are put back when the result is dropped, unless it is empty by then.
    #[cfg(feature = "sqlite")]
    pub(super) fn take(&self) -> Taken<'_> {
        Taken { ends: mem::take(&mut *self.ends()), from: self }
    }
}

/// Ends that are being written.
pub(super) struct Taken<'a> {
    pub(super) ends: Vec<(i64, Settlement)>,
    from: &'a Deferred,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.ends.is_empty() {
            self.from.ends().append(&mut self.ends);
        }
    }
}
