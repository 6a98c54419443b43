//! One turn of the conversation, as it is sent.

use super::HuggingFaceToolCall;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;

/// One turn of the conversation, as it is sent.
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceMessage {
    /// `system`, `developer`, `user`, `assistant`, `tool`.
    role: String,
    /// Left out of an assistant's turn that only calls tools: TGI drops the calls beside it.
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
    /// A list of parts, where there is more than one text.
    Parts(Vec<HuggingFacePart>),
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
}

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HuggingFaceImageUrl {
    url: String,
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
