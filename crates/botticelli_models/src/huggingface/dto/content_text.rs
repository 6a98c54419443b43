//! The content of a message in a response.

use super::lenient::Merge;
use derive_getters::Getters;

/// The content of a message, with the parts of each kind joined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Getters)]
pub struct HuggingFaceContentText {
    /// The text.
    pub(super) text: Option<String>,
    /// Reasoning among the parts, as Mistral writes it.
    pub(super) reasoning: Option<String>,
    /// A refusal among the parts.
    pub(super) refusal: Option<String>,
}

impl<T: Into<String>> From<T> for HuggingFaceContentText {
    fn from(text: T) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }
}

impl Merge for Option<HuggingFaceContentText> {
    fn merge(&mut self, next: Self) {
        let Some(next) = next else { return };
        let content = self.get_or_insert_default();
        content.text.merge(next.text);
        content.reasoning.merge(next.reasoning);
        content.refusal.merge(next.refusal);
    }
}
