//! Groups of faults.

use std::fmt;

/// Part of the response that a fault affects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FaultGroup {
    /// The response has an error status, in one of the formats that services use.
    Status,
    /// The status is 200, and the body is not the expected response.
    Body,
    /// The stream is cut, contains errors, or is unusual.
    Stream,
    /// The events and bytes are the same, with another valid framing.
    Framing,
    /// The bytes do not match the declared encoding.
    Encoding,
    /// The connection ends, or the bytes are not valid HTTP.
    Connection,
    /// The connection stays open, and the response stalls or never starts.
    Silence,
    /// The response is complete, but the connection stays open: a client must not wait for its end.
    Lingering,
    /// The response exceeds any reasonable size.
    Size,
}

impl FaultGroup {
    /// All groups.
    pub const ALL: &[Self] = &[
        Self::Status,
        Self::Body,
        Self::Stream,
        Self::Framing,
        Self::Encoding,
        Self::Connection,
        Self::Silence,
        Self::Lingering,
        Self::Size,
    ];

    /// Returns the name, one lower-case word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Body => "body",
            Self::Stream => "stream",
            Self::Framing => "framing",
            Self::Encoding => "encoding",
            Self::Connection => "connection",
            Self::Silence => "silence",
            Self::Lingering => "lingering",
            Self::Size => "size",
        }
    }
}

impl fmt::Display for FaultGroup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Pads the name, so that tables align.
        formatter.pad(self.name())
    }
}
