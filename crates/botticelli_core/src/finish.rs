//! The reason for the end of a response.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// Reason for the end of a response.
///
/// An unknown word is kept unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum FinishReason {
    /// The model finished, or reached a stop text.
    Stop,
    /// The response reached the token limit and is cut.
    Length,
    /// The model called tools.
    ToolCalls,
    /// A content filter removed all or part of the response.
    ContentFilter,
    /// The response is complete, but the service sent no reason.
    Unspecified,
    /// Another reason, in the service's own word.
    Other(String),
}

impl FinishReason {
    /// Returns the word for the reason: `stop`, `length`, `tool_calls`, `content_filter`, `unspecified`, or the service's own.
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

impl Serialize for FinishReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
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
