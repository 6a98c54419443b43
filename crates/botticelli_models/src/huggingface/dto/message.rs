//! One turn of the conversation, as it is sent.

use super::HuggingFaceToolCall;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use std::fmt;

/// One turn of the conversation, as it is sent.
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceMessage {
    /// `system`, `developer`, `user`, `assistant`, `tool`.
    role: String,
    /// Null in an assistant's turn that only calls tools; left out of it for TGI, which drops the calls next to any content.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<HuggingFaceContent>,
    /// Tells speakers of one role apart.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The calls of an assistant's turn.
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<HuggingFaceToolCall>,
    /// What the model thought. Some providers refuse it.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    /// The call that a tool's turn answers.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

impl HuggingFaceMessage {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceMessageBuilder {
        HuggingFaceMessageBuilder::default()
    }
}

/// What is said: a string, or a list of parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum HuggingFaceContent {
    /// A string: what every server takes.
    Text(String),
    /// A list of parts, where there is more than text.
    Parts(Vec<HuggingFacePart>),
    /// Null, as OpenAI writes it in a turn that only calls tools.
    Null,
}

/// A part of what is said.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum HuggingFacePart {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    ImageUrl {
        /// Where it is.
        image_url: HuggingFaceImageUrl,
    },
    /// Sound. No provider behind the router is known to take it.
    InputAudio {
        /// The sound.
        input_audio: HuggingFaceAudio,
    },
    /// A document. No provider behind the router is known to take it.
    File {
        /// The document.
        file: HuggingFaceFile,
    },
}

/// Sound, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HuggingFaceAudio {
    /// The sound, in base64.
    pub data: String,
    /// `wav`, `mp3`, …
    pub format: String,
}

impl HuggingFaceAudio {
    /// The sound `data`, in base64, in the format `format`.
    pub fn new(data: impl Into<String>, format: impl Into<String>) -> Self {
        Self { data: data.into(), format: format.into() }
    }
}

/// A document, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HuggingFaceFile {
    /// A name for it.
    pub filename: String,
    /// The document, as a `data:` URL.
    pub file_data: String,
}

impl HuggingFaceFile {
    /// The document behind the `data:` URL `file_data`, under the name `filename`.
    pub fn new(filename: impl Into<String>, file_data: impl Into<String>) -> Self {
        Self { filename: filename.into(), file_data: file_data.into() }
    }
}

/// Where a picture is.
///
/// `Debug` shows how long the address is: its query may be a secret, and a picture in it is long.
#[derive(Clone, PartialEq, Serialize)]
pub struct HuggingFaceImageUrl {
    url: String,
}

impl fmt::Debug for HuggingFaceImageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HuggingFaceImageUrl({} bytes)", self.url.len())
    }
}

impl HuggingFaceImageUrl {
    /// At this address, which may be a `data:` URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }

    /// The address.
    pub fn url(&self) -> &str {
        &self.url
    }
}
