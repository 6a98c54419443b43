//! Why a request could not be read.

use std::io;

/// What is wrong with the bytes that a client sent, or with the way they came.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// The connection broke, or ended in the middle of a request. Nobody is left to be told.
    Gone,
    /// Not HTTP/1: what is wrong with it.
    Malformed(&'static str),
    /// A head above the limit.
    HeadTooLarge,
    /// A body above the limit.
    BodyTooLarge,
    /// A transfer coding other than `chunked`.
    UnknownCoding,
}

impl From<io::Error> for RequestError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}
