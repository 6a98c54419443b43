//! Sources of images, audio, video and documents.

use crate::redact;
use botticelli_error::{BotticelliError, BuilderError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Source of an image, audio, a video or a document.
///
/// `Debug` shows the size instead of the content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaSource {
    /// URL that the service fetches itself, without a token.
    Url(String),
    /// Content in base64.
    Base64 {
        /// Media type, for example `image/png`.
        media_type: String,
        /// Base64 in the standard alphabet, padded.
        data: String,
    },
    /// Content as bytes.
    Bytes {
        /// Media type, for example `image/png`.
        media_type: String,
        /// Content.
        #[serde(with = "bytes_as_base64")]
        data: Vec<u8>,
    },
}

/// Signatures of the formats that services read: offset, first bytes, media type.
type Marks = &'static [(usize, &'static [u8], &'static str)];

const IMAGES: Marks = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
];
const SOUNDS: Marks = &[
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
];
const DOCUMENTS: Marks = &[(0, b"%PDF-", "application/pdf")];

impl MediaSource {
    /// Maximum size of one content, in bytes: 20 MiB. Services accept less, often 2 to 10 MiB for the whole request.
    pub const LARGEST: usize = 20 << 20;

    /// Returns an image. Its format is detected from the first bytes.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the data is not PNG, JPEG, GIF or WebP, or is larger than [`LARGEST`](Self::LARGEST).
    #[track_caller]
    pub fn image(data: Vec<u8>) -> Result<Self, BotticelliError> {
        Self::found(data, "image", IMAGES, "give a PNG, JPEG, GIF or WebP")
    }

    /// Returns audio. Its format is detected from the first bytes.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the data is not WAV, MP3, FLAC or OGG, or is larger than [`LARGEST`](Self::LARGEST).
    #[track_caller]
    pub fn audio(data: Vec<u8>) -> Result<Self, BotticelliError> {
        Self::found(data, "audio", SOUNDS, "give a WAV, MP3, FLAC or OGG")
    }

    /// Returns a document.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the data is not a PDF, or is larger than [`LARGEST`](Self::LARGEST).
    #[track_caller]
    pub fn document(data: Vec<u8>) -> Result<Self, BotticelliError> {
        Self::found(data, "document", DOCUMENTS, "give a PDF")
    }

    #[track_caller]
    fn found(
        data: Vec<u8>,
        what: &'static str,
        marks: Marks,
        remedy: &'static str,
    ) -> Result<Self, BotticelliError> {
        let size = || format!("{} bytes", data.len());
        if data.len() > Self::LARGEST {
            let remedy = "make it smaller, or give its address";
            return Err(BuilderError::refused("Input", what, size(), "20 MiB is the most", remedy).into());
        }
        let is_marked = |at: usize, mark: &[u8]| data.get(at..).is_some_and(|rest| rest.starts_with(mark));
        match marks.iter().find(|(at, mark, _)| is_marked(*at, mark)) {
            Some((_, _, media_type)) => Ok(Self::Bytes { media_type: (*media_type).to_owned(), data }),
            None => Err(BuilderError::refused(
                "Input",
                what,
                size(),
                "its first bytes are of no known kind",
                remedy,
            )
            .into()),
        }
    }
}

impl fmt::Debug for MediaSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The query of a presigned URL and the password before the host are secrets.
            Self::Url(url) => {
                let shown: String = redact::address(url).chars().take(80).collect();
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
    //! A stored request is text. A list of numbers would take four times the size.

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
