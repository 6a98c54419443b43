//! In which words an answer is written.

use super::GenerationReader;

/// In which words an answer is written.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) enum Wording {
    /// As a chat.
    #[default]
    Chat,
    /// As a text that is gone on with: nothing in it is taken for reasoning.
    Text,
    /// As such a text, by text-generation-inference's own API.
    Generation(GenerationReader),
}

impl Wording {
    /// Whether it is a text, and no chat.
    pub(in crate::huggingface) fn is_text(&self) -> bool {
        !matches!(self, Self::Chat)
    }
}
