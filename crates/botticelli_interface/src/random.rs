//! Injected randomness.

use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};

/// The random source of a driver, which spreads retries over time.
pub trait RandomSource: Debug + Send + Sync {
    /// Returns a uniformly distributed number from 0 (inclusive) to 1 (exclusive).
    fn fraction(&self) -> f64;
}

/// A [`RandomSource`] for tests that always returns the same number.
///
/// ```
/// use botticelli_interface::{RandomSource, FixedRandom};
///
/// assert_eq!(FixedRandom(0.5).fraction(), 0.5);
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper has one field")]
pub struct FixedRandom(pub f64);

impl RandomSource for FixedRandom {
    fn fraction(&self) -> f64 {
        self.0
    }
}

/// Random numbers from the keys that the standard library chooses for its hash maps. Good enough to spread retries, not for secrets.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemRandom;

impl SystemRandom {
    /// Returns the random source of the system.
    pub const fn new() -> Self {
        Self
    }
}

impl RandomSource for SystemRandom {
    fn fraction(&self) -> f64 {
        let drawn = RandomState::new().hash_one(());
        // The upper 32 bits fit into an `f64` exactly, so the quotient stays below 1.
        let upper = u32::try_from(drawn >> 32).unwrap_or_default();
        f64::from(upper) / (f64::from(u32::MAX) + 1.0)
    }
}
