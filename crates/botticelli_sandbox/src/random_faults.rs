//! Faults at random calls.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::faults::Fault;

/// Faults that hit calls at random, reproducible by a seed.
#[derive(Debug)]
pub(crate) struct RandomFaults {
    faults: Vec<Fault>,
    /// On average, one of this many calls gets a fault.
    one_in: u64,
    seed: u64,
    calls: AtomicU64,
}

impl RandomFaults {
    pub(crate) fn new(faults: Vec<Fault>, one_in: u64, seed: u64) -> Self {
        Self { faults, one_in, seed, calls: AtomicU64::new(0) }
    }

    /// Returns the fault of the next call, if it gets one.
    pub(crate) fn draw(&self) -> Option<Fault> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let random = mix(self.seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        if random.checked_rem(self.one_in)? != 0 {
            return None;
        }
        let count = u64::try_from(self.faults.len()).ok()?;
        let index = (random / self.one_in).checked_rem(count)?;
        self.faults.get(usize::try_from(index).ok()?).copied()
    }
}

/// Returns a number whose bits depend on all bits of `state` (the finalizer of `SplitMix64`).
fn mix(mut state: u64) -> u64 {
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
