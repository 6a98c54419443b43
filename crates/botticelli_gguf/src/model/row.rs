//! A token in a batch.

/// A token in a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) token: u32,
    /// Position of the token in its conversation, from 0.
    pub(crate) position: usize,
    /// Index of the cache of its conversation.
    pub(crate) cache: usize,
    /// `true` if the logits of the next token are needed.
    pub(crate) needs_logits: bool,
}
