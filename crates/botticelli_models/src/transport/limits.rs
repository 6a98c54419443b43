//! How much we take.

/// How much we take from a server before it is an error, in bytes. A compressed body counts unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// One event of a stream. Default: 8 MiB.
    pub event: usize,
    /// A whole answer: the body of a plain one, the text of a streamed one. Default: 64 MiB.
    pub answer: usize,
    /// The body of a refusal; the rest is not read. Default: 64 KiB.
    pub refusal: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { event: 8 << 20, answer: 64 << 20, refusal: 64 << 10 }
    }
}
