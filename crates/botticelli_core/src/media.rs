//! Where an image, a sound, a film or a document comes from.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an image, a sound, a film or a document comes from.
///
/// `Debug` shows how much there is, not all of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaSource {
    /// An address that the service fetches itself, without any token of ours.
    Url(String),
    /// Content that is base64 already.
    Base64 {
        /// Its media type, as `image/png`.
        media_type: String,
        /// The base64, standard alphabet, padded.
        data: String,
    },
    /// Content as it is in memory.
    Bytes {
        /// Its media type, as `image/png`.
        media_type: String,
        /// The content.
        #[serde(with = "bytes_as_base64")]
        data: Vec<u8>,
    },
}

impl fmt::Debug for MediaSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The query of a presigned address is a secret.
            Self::Url(url) => {
                let shown = url.split(['?', '#']).next().unwrap_or_default();
                let shown: String = shown.chars().take(80).collect();
                f.debug_tuple("Url").field(&shown).finish()
            }
            Self::Base64 { media_type, data } => {
                write!(f, "Base64({media_type}, {} base64 digits)", data.len())
            }
            Self::Bytes { media_type, data } => write!(f, "Bytes({media_type}, {} bytes)", data.len()),
        }
    }
}

mod bytes_as_base64 {
    //! A stored request is text: a megabyte of numbers in brackets would be four.

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(data: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(data))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(D::Error::custom)
    }
}
