//! A message of a request.

use super::HuggingFaceToolCall;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use std::fmt;

/// A message of a request.
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceMessage {
    /// `system`, `developer`, `user`, `assistant`, `tool`.
    pub(in crate::huggingface) role: String,
    /// Null in an assistant message with only tool calls. Left out for TGI, which ignores tool calls next to any content.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) content: Option<HuggingFaceContent>,
    /// Name that tells participants with the same role apart.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) name: Option<String>,
    /// Tool calls of an assistant message.
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::huggingface) tool_calls: Vec<HuggingFaceToolCall>,
    /// Reasoning of the model. Some providers reject it.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) reasoning_content: Option<String>,
    /// Id of the call that a tool message responds to.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::huggingface) tool_call_id: Option<String>,
}

impl HuggingFaceMessage {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceMessageBuilder {
        HuggingFaceMessageBuilder::default()
    }
}

/// Content of a message: a string, or a list of parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum HuggingFaceContent {
    /// A string, which every server supports.
    Text(String),
    /// A list of parts, for more than text.
    Parts(Vec<HuggingFacePart>),
    /// Null, as OpenAI writes it in a message with only tool calls.
    Null,
}

/// A part of the content.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum HuggingFacePart {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// An image.
    ImageUrl {
        /// Address of the image.
        image_url: HuggingFaceImageUrl,
    },
    /// Audio. No provider behind the router is known to support it.
    InputAudio {
        /// The audio.
        input_audio: HuggingFaceAudio,
    },
    /// A document. No provider behind the router is known to support it.
    File {
        /// The document.
        file: HuggingFaceFile,
    },
}

/// Audio input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HuggingFaceAudio {
    /// The audio, in base64.
    pub data: String,
    /// `wav`, `mp3`, …
    pub format: String,
}

impl HuggingFaceAudio {
    /// Returns audio with base64 `data` in the format `format`.
    pub fn new(data: impl Into<String>, format: impl Into<String>) -> Self {
        Self { data: data.into(), format: format.into() }
    }
}

/// Document input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HuggingFaceFile {
    /// Name of the file.
    pub filename: String,
    /// The document, as a `data:` URL.
    pub file_data: String,
}

impl HuggingFaceFile {
    /// Returns a document named `filename`, with its content in the `data:` URL `file_data`.
    pub fn new(filename: impl Into<String>, file_data: impl Into<String>) -> Self {
        Self { filename: filename.into(), file_data: file_data.into() }
    }
}

/// Address of an image.
///
/// `Debug` shows only the length of the address: its query may be a secret, and a `data:` URL is long.
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
    /// Returns an image address, which may be a `data:` URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }

    /// Returns the address.
    pub fn url(&self) -> &str {
        &self.url
    }
}
