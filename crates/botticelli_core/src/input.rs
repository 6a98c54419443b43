//! One part of what is said.

use crate::MediaSource;
use serde::{Deserialize, Serialize};

/// One part of what is said in a [`Message`](crate::Message).
///
/// What a provider cannot carry is refused by name, never dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// Text.
    Text(String),
    /// A picture.
    Image(MediaSource),
    /// Sound.
    Audio(MediaSource),
    /// A film.
    Video(MediaSource),
    /// A document, as a PDF.
    Document(MediaSource),
    /// What a tool gave back.
    ToolResult {
        /// The id of the [`ToolCall`](crate::ToolCall) that it answers.
        id: String,
        /// The result, as text for the model to read.
        content: String,
    },
}

impl Input {
    /// What it is, for messages: `an image input`.
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text input",
            Self::Image(_) => "an image input",
            Self::Audio(_) => "an audio input",
            Self::Video(_) => "a video input",
            Self::Document(_) => "a document input",
            Self::ToolResult { .. } => "a tool result",
        }
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
