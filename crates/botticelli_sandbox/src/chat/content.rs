//! What a message says.

use serde::{Deserialize, Deserializer};

/// Left out, null, text, or parts: four things that servers tell apart.
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
    Text {
        text: String,
    },
    ImageUrl {
        #[serde(rename = "image_url")]
        _image_url: ImageUrl,
    },
}

#[derive(Debug, Deserialize)]
pub(crate) struct ImageUrl {
    #[serde(rename = "url")]
    pub(crate) _url: String,
}

impl Content {
    /// All text in it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Missing | Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text { text } => Some(text.as_str()),
                    Part::ImageUrl { .. } => None,
                })
                .collect(),
        }
    }

    /// How many images are in it.
    pub(crate) fn images(&self) -> usize {
        match self {
            Self::Parts(parts) => parts.iter().filter(|part| matches!(part, Part::ImageUrl { .. })).count(),
            Self::Missing | Self::Null | Self::Text(_) => 0,
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Named as servers name it: the name appears in their refusal.
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
