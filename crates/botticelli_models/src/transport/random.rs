//! Random numbers from the system.

use botticelli_interface::RandomSource;
use std::hash::{BuildHasher, RandomState};

/// Random numbers from the keys that the standard library draws for its hash maps. Good enough to spread retries.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fraction(&self) -> f64 {
        let drawn = RandomState::new().hash_one(());
        // The upper 32 bits fit into an `f64` exactly, so the quotient stays below 1.
        let upper = u32::try_from(drawn >> 32).unwrap_or_default();
        f64::from(upper) / (f64::from(u32::MAX) + 1.0)
    }
}
