//! Injected randomness.

use std::fmt::Debug;

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
