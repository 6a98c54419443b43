//! Why the model stopped.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why the model stopped.
///
/// An unknown word is kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum FinishReason {
    /// It had said all, or came to a stop text.
    Stop,
    /// It came to the token limit: the text is cut.
    Length,
    /// It wants tools to be called.
    ToolCalls,
    /// A filter took (part of) the answer away.
    ContentFilter,
    /// The answer is complete, but the service did not say why it ended.
    Unspecified,
    /// Another word, as the service wrote it.
    Other(String),
}

impl FinishReason {
    /// The word: `stop`, `length`, `tool_calls`, `content_filter`, `unspecified`, or the service's own.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Unspecified => "unspecified",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for FinishReason {
    fn from(word: String) -> Self {
        match word.as_str() {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "tool_calls" => Self::ToolCalls,
            "content_filter" => Self::ContentFilter,
            "" | "unspecified" => Self::Unspecified,
            _ => Self::Other(word),
        }
    }
}

impl From<FinishReason> for String {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Other(word) => word,
            reason => reason.as_str().to_owned(),
        }
    }
}
