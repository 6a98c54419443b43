//! The user's choice.

/// The number of calls in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concurrency {
    /// This number.
    Fixed(usize),
    /// As many as the server takes, up to this number.
    Adaptive(usize),
}

impl Concurrency {
    /// Maximum number of calls in flight, if the user sets none.
    pub(crate) const DEFAULT_MAX: usize = 512;
}

impl Default for Concurrency {
    fn default() -> Self {
        Self::Adaptive(Self::DEFAULT_MAX)
    }
}
