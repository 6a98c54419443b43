//! Errors while reading a request.

use std::io;

/// Error while reading a request.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// The client disconnected before the request was complete, so the sandbox sends nothing.
    Gone,
    /// Not valid HTTP/1. The text names the problem.
    Malformed(&'static str),
    /// The head exceeds the limit.
    HeadTooLarge,
    /// The body exceeds the limit.
    BodyTooLarge,
    /// A transfer coding other than `chunked`.
    UnknownCoding,
}

impl From<io::Error> for RequestError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}
