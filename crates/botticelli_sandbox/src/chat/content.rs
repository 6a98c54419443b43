//! Message content.

use serde::{Deserialize, Deserializer};

/// Content of a message. Servers treat missing, null, text and parts differently.
#[derive(Debug, Default)]
pub(crate) enum Content {
    #[default]
    Missing,
    Null,
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Part {
    Text { text: String },
    ImageUrl { image_url: ImageUrl },
    InputAudio { input_audio: InputAudio },
    File { file: InputFile },
}

#[derive(Debug, Deserialize)]
pub(crate) struct ImageUrl {
    pub(crate) url: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct InputAudio {
    pub(crate) data: String,
    pub(crate) format: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct InputFile {
    pub(crate) filename: Option<String>,
    pub(crate) file_data: Option<String>,
    pub(crate) file_id: Option<String>,
}

impl Content {
    /// Returns the concatenated text.
    pub(crate) fn text(&self) -> String {
        if let Self::Text(text) = self {
            return text.clone();
        }
        let texts = self.parts().iter().filter_map(|part| match part {
            Part::Text { text } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// Returns the parts, empty for text or missing content.
    pub(crate) fn parts(&self) -> &[Part] {
        match self {
            Self::Parts(parts) => parts,
            Self::Missing | Self::Null | Self::Text(_) => &[],
        }
    }

    /// Returns whether the content is text or parts. Empty text counts.
    pub(crate) fn is_present(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Parts(_))
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The name appears in serde's error messages, so it matches the name in real servers.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum MessageContent {
            SingleText(String),
            MultipleChunks(Vec<Part>),
        }

        Ok(match Option::<MessageContent>::deserialize(deserializer)? {
            None => Self::Null,
            Some(MessageContent::SingleText(text)) => Self::Text(text),
            Some(MessageContent::MultipleChunks(parts)) => Self::Parts(parts),
        })
    }
}
