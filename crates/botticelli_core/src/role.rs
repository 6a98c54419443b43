//! Who speaks.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who speaks in a [`Message`](crate::Message).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Whoever sets the rules of the conversation.
    System,
    /// The same under its newer name; not every server knows it.
    Developer,
    /// The person, or the program, that asks.
    User,
    /// The model.
    Assistant,
    /// A tool that the model had called.
    Tool,
}

impl Role {
    /// The word: `system`, `developer`, `user`, `assistant`, `tool`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Developer => "developer",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
