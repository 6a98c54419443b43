//! The parts of a response that one event holds.

use botticelli_core::Delta;

/// A delta of one choice.
#[derive(Debug)]
pub(in crate::huggingface) struct Piece {
    pub(in crate::huggingface) choice: u32,
    pub(in crate::huggingface) delta: Delta,
}

/// The pieces of an event, to which the deltas of one choice are added.
#[derive(Debug)]
pub(super) struct Deltas<'a> {
    pub(super) choice: u32,
    pub(super) pieces: &'a mut Vec<Piece>,
}

impl Deltas<'_> {
    pub(super) fn push(&mut self, delta: Delta) {
        self.pieces.push(Piece { choice: self.choice, delta });
    }
}
