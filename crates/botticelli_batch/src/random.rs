//! The spread of waits.

use botticelli_interface::RandomSource;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Random numbers from the seed of the standard library's hash tables.
#[derive(Debug, Default)]
pub(crate) struct SystemRandom {
    seed: RandomState,
    count: AtomicU64,
}

impl RandomSource for SystemRandom {
    fn fraction(&self) -> f64 {
        let hash = self.seed.hash_one(self.count.fetch_add(1, Ordering::Relaxed));
        let high = u32::try_from(hash >> 32).unwrap_or(0);
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }
}
