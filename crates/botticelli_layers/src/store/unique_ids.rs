//! Ids that no other process and no other machine chooses.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// Random ids that no other process and no other machine chooses.
#[derive(Debug, Default)]
pub(crate) struct UniqueIds {
    state: RandomState,
    last: AtomicU64,
}

impl UniqueIds {
    /// Returns the next id.
    pub(crate) fn next(&self) -> u64 {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        // A forked process has the same state.
        self.state.hash_one((std::process::id(), number, SystemTime::now()))
    }
}
