//! What is special about the answers of a model.

/// Models that exist nowhere else answer in manners of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Nothing is.
    Plain,
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
    Thinking(Home),
}

/// Where a model's thoughts stand in its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// The field `reasoning_content`.
    ReasoningContent,
    /// The field `reasoning`.
    Reasoning,
    /// `<think>…</think>` in the text.
    Tags,
}

impl Manner {
    pub(crate) fn home(self) -> Option<Home> {
        match self {
            Self::Thinking(home) => Some(home),
            _ => None,
        }
    }
}
