//! Special behavior of models.

/// Behavior of a model. Models of the organization `sandbox` simulate special cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Responds to every request normally.
    Normal,
    /// Omits a required field of the schema until a user message follows the incomplete response.
    Forgetful,
    /// Always omits a required field of the schema.
    Stubborn,
    /// Always refuses.
    Refusing,
    /// Always ends with a content filter.
    Filtered,
    /// Runs on transformers, not on an inference server.
    Transformers,
    /// Reasons before it responds.
    Reasoning(ReasoningFormat),
}

/// Place of the reasoning in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReasoningFormat {
    /// The field `reasoning_content`.
    ReasoningContent,
    /// The field `reasoning`.
    Reasoning,
    /// `<think>…</think>` in the text.
    Tags,
}

impl Behavior {
    pub(crate) fn reasoning_format(self) -> Option<ReasoningFormat> {
        match self {
            Self::Reasoning(reasoning_format) => Some(reasoning_format),
            _ => None,
        }
    }
}
