//! Faults of one kind.

use std::fmt;

/// Where on its way an answer goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FaultGroup {
    /// The status line says no, in one of the shapes in which services say why.
    Status,
    /// The status is 200, and the body is not what was hoped for.
    Body,
    /// The events of a stream are cut, mixed with errors, or oddly put.
    Stream,
    /// The same events or bytes, framed in another of the ways that the standards allow.
    Framing,
    /// Bytes that are not the text they claim to be.
    Encoding,
    /// The connection ends, or what is on it is not quite HTTP.
    Connection,
    /// The connection stays and the answer does not come, or stops.
    Silence,
    /// The answer is complete, only the connection does not end: who reads on waits in vain.
    Lingering,
    /// More than anybody should read.
    Size,
}

impl FaultGroup {
    /// All of them.
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

    /// One lower-case word.
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
        // Padded, so that tables can be made of it.
        formatter.pad(self.name())
    }
}
