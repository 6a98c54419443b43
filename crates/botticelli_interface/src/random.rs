//! Chance, injected.

use std::fmt::Debug;

/// Where a driver takes its chance from, to spread retries.
pub trait RandomSource: Debug + Send + Sync {
    /// A number from 0 up to 1, 1 left out, any as likely as any other.
    fn fraction(&self) -> f64;
}

/// A [`RandomSource`] for tests: always the same.
///
/// ```
/// use botticelli_interface::{RandomSource, FixedRandom};
///
/// assert_eq!(FixedRandom(0.5).fraction(), 0.5);
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct FixedRandom(pub f64);

impl RandomSource for FixedRandom {
    fn fraction(&self) -> f64 {
        self.0
    }
}
