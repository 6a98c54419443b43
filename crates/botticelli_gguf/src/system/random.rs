//! Randomness of the system.

use botticelli_interface::RandomSource;
use std::hash::{BuildHasher, RandomState};

/// Random numbers from the random keys of the standard library's hash maps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fraction(&self) -> f64 {
        let bits = RandomState::new().hash_one(0_u8);
        f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / 4_294_967_296.0
    }
}
