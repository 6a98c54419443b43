//! One part of a message.

use crate::MediaSource;
use botticelli_error::BotticelliError;
use serde::{Deserialize, Serialize};

/// One part of the content of a [`Message`](crate::Message).
///
/// A part that the provider does not support is an error that names it. Nothing is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// Text.
    Text(String),
    /// An image.
    Image(MediaSource),
    /// Audio.
    Audio(MediaSource),
    /// Video.
    Video(MediaSource),
    /// A document, for example a PDF.
    Document(MediaSource),
    /// The result of a tool call.
    ToolResult {
        /// Id of the [`ToolCall`](crate::ToolCall).
        id: String,
        /// Result, as text for the model.
        content: String,
    },
}

impl Input {
    /// Returns an image. Its format is detected from the first bytes: PNG, JPEG, GIF or WebP.
    ///
    /// ```
    /// use botticelli::{Input, Message};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let file = std::env::temp_dir().join("botticelli-doc-duck.gif");
    /// # std::fs::write(&file, b"GIF89a\x01\0\x01\0\0\0\0;")?;
    /// let duck = Message::user("What is on it?").with(Input::image(std::fs::read(file)?)?);
    /// assert!(Input::image(b"no picture".to_vec()).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) if the data has another format or is larger than
    /// [20 MiB](MediaSource::LARGEST).
    #[track_caller]
    pub fn image(data: impl Into<Vec<u8>>) -> Result<Self, BotticelliError> {
        MediaSource::image(data.into()).map(Self::Image)
    }

    /// Returns an image by its URL, which the service fetches itself.
    pub fn image_url(url: impl Into<String>) -> Self {
        Self::Image(MediaSource::Url(url.into()))
    }

    /// Returns audio. Its format is detected from the first bytes: WAV, MP3, FLAC or OGG.
    ///
    /// # Errors
    ///
    /// As [`Input::image`].
    #[track_caller]
    pub fn audio(data: impl Into<Vec<u8>>) -> Result<Self, BotticelliError> {
        MediaSource::audio(data.into()).map(Self::Audio)
    }

    /// Returns a PDF document.
    ///
    /// # Errors
    ///
    /// As [`Input::image`].
    #[track_caller]
    pub fn document(data: impl Into<Vec<u8>>) -> Result<Self, BotticelliError> {
        MediaSource::document(data.into()).map(Self::Document)
    }

    /// Returns a description for messages, for example `an image input`.
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
