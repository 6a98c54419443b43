//! What is special about the answers of a model.

/// Models that exist nowhere else answer in manners of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Nothing is.
    Normal,
    /// It misses a field of the schema, until it is told.
    Forgetful,
    /// It misses a field of the schema, whatever it is told.
    Stubborn,
    /// It refuses to answer.
    Refusing,
    /// Its answers are taken away by a filter.
    Filtered,
    /// It is run by transformers, not by an inference server.
    Transformers,
    /// It thinks first.
    Reasoning(ReasoningFormat),
}

/// Where a model's thoughts stand in its answer.
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
