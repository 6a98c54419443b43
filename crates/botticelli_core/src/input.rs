//! One part of what is said.

use crate::MediaSource;
use botticelli_error::BotticelliError;
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
    /// The picture `data`, whose kind is found from its first bytes: PNG, JPEG, GIF or WebP.
    ///
    /// ```
    /// use botticelli_core::{Input, Message};
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
    /// A [`BuilderError`](botticelli_error::BuilderError): it is no picture of these kinds, it is empty, or it is larger than
    /// [20 MiB](MediaSource::LARGEST).
    #[track_caller]
    pub fn image(data: impl Into<Vec<u8>>) -> Result<Self, BotticelliError> {
        MediaSource::image(data.into()).map(Self::Image)
    }

    /// The picture at an address, which the service fetches itself.
    pub fn image_url(url: impl Into<String>) -> Self {
        Self::Image(MediaSource::Url(url.into()))
    }

    /// The sound `data`, whose kind is found from its first bytes: WAV, MP3, FLAC or OGG.
    ///
    /// # Errors
    ///
    /// As [`Input::image`].
    #[track_caller]
    pub fn audio(data: impl Into<Vec<u8>>) -> Result<Self, BotticelliError> {
        MediaSource::audio(data.into()).map(Self::Audio)
    }

    /// The document `data`, a PDF.
    ///
    /// # Errors
    ///
    /// As [`Input::image`].
    #[track_caller]
    pub fn document(data: impl Into<Vec<u8>>) -> Result<Self, BotticelliError> {
        MediaSource::document(data.into()).map(Self::Document)
    }

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
