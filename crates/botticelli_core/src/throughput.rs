//! How fast a provider answers.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How fast a provider answers, in thousandths of a token a second.
///
/// A whole number, so that two of them compare and hash: catalogues write floats.
///
/// ```
/// use botticelli_core::Throughput;
///
/// let speed = Throughput::from_tokens_per_second(24.691_240_088);
/// assert_eq!(speed.map(|speed| speed.to_string()).as_deref(), Some("24.691 tokens/s"));
/// assert_eq!(Throughput::from_tokens_per_second(f64::NAN), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Throughput(u64);

impl Throughput {
    /// The speed that a catalogue writes as tokens a second; `None` where it is no speed.
    pub fn from_tokens_per_second(tokens: f64) -> Option<Self> {
        if !tokens.is_finite() || tokens < 0.0 {
            return None;
        }
        // By way of the decimal text: a cast would make something of anything.
        format!("{:.3}", tokens.abs()).replace('.', "").parse().ok().map(Self)
    }

    /// Thousandths of a token a second.
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
