//! The throughput of a provider.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Throughput of a provider, in thousandths of a token per second.
///
/// Catalogs use floats. This is an integer, so that values compare and hash.
///
/// ```
/// use botticelli::Throughput;
///
/// let speed = Throughput::from_tokens_per_second(24.691_240_088);
/// assert_eq!(speed.map(|speed| speed.to_string()).as_deref(), Some("24.691 tokens/s"));
/// assert_eq!(Throughput::from_tokens_per_second(f64::NAN), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Throughput(u64);

impl Throughput {
    /// Converts tokens per second. `None` if the number is negative or not finite.
    pub fn from_tokens_per_second(tokens: f64) -> Option<Self> {
        if !tokens.is_finite() || tokens < 0.0 {
            return None;
        }
        // The decimal text rejects values that a cast would change.
        format!("{:.3}", tokens.abs()).replace('.', "").parse().ok().map(Self)
    }

    /// Returns thousandths of a token per second.
    pub const fn milli_tokens_per_second(self) -> u64 {
        self.0
    }
}

/// `24.691 tokens/s`.
impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} tokens/s", self.0 / 1_000, self.0 % 1_000)
    }
}
