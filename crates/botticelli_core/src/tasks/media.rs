//! Images, audio and video as bytes with a media type.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use botticelli_error::{BotticelliError, BuilderError};
use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// An image, audio or a video: its bytes, and its media type, which is found from the bytes.
///
/// Clones are cheap, because they share the bytes. `Debug` shows the size instead of the bytes.
///
/// ```
/// use botticelli_core::tasks::Media;
///
/// let image = Media::new(&b"\x89PNG\r\n\x1a\n..."[..]);
/// assert_eq!((image.media_type(), image.extension()), ("image/png", "png"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Media {
    data: Bytes,
    /// `None` if the bytes are not known. Boxed text of the caller, or a known type.
    media_type: Option<Box<str>>,
}

/// The type of bytes that are not known.
const UNKNOWN: &str = "application/octet-stream";

/// Signatures of formats: offset, first bytes, media type.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (4, b"ftypM4A", "audio/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", "application/pdf"),
];

/// File name extensions of media types.
const EXTENSIONS: &[(&str, &str)] = &[
    ("image/jpeg", "jpg"),
    ("image/tiff", "tiff"),
    ("audio/mpeg", "mp3"),
    ("audio/mp3", "mp3"),
    ("audio/x-wav", "wav"),
    ("audio/wave", "wav"),
    ("audio/mp4", "m4a"),
    ("audio/x-flac", "flac"),
    ("video/quicktime", "mov"),
    (UNKNOWN, "bin"),
];

impl Media {
    /// Returns media with these bytes. The type is found from the first bytes. If they are not known, it is
    /// `application/octet-stream`.
    pub fn new(data: impl Into<Bytes>) -> Self {
        let data = data.into();
        let is_marked = |at: usize, mark: &[u8]| data.get(at..).is_some_and(|rest| rest.starts_with(mark));
        let found = SIGNATURES.iter().find(|(at, mark, _)| is_marked(*at, mark));
        let media_type = found.map(|(_, _, media_type)| (*media_type).into());
        Self { data, media_type }
    }

    /// Returns media from base64, with or without a `data:` URL around it.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the text is not base64.
    #[track_caller]
    pub fn from_base64(text: &str) -> Result<Self, BotticelliError> {
        let (head, digits) = match text.strip_prefix("data:").and_then(|rest| rest.split_once(',')) {
            Some((head, digits)) => (Some(head), digits),
            None => (None, text),
        };
        let digits: String = digits.split_ascii_whitespace().collect();
        let data = STANDARD.decode(digits).map_err(|_| {
            let size = format!("{} characters long", text.len());
            let reason = "it is not base64 in the standard alphabet, with padding";
            BuilderError::refused("Media", "base64", size, reason, "encode the bytes again")
        })?;
        let declared = head.and_then(|head| head.split(';').next()).filter(|declared| !declared.is_empty());
        Ok(Self::new(data).or_media_type(declared))
    }

    /// Sets the media type, in place of the one that was found.
    pub fn with_media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into().into_boxed_str());
        self
    }

    /// Sets the media type, if the bytes are not known.
    pub fn or_media_type(self, media_type: Option<&str>) -> Self {
        match media_type {
            Some(media_type) if self.media_type.is_none() => self.with_media_type(media_type),
            _ => self,
        }
    }

    /// Returns the bytes.
    pub const fn data(&self) -> &Bytes {
        &self.data
    }

    /// Returns the bytes without a copy.
    pub fn into_data(self) -> Bytes {
        self.data
    }

    /// Returns the media type, such as `image/png`.
    pub fn media_type(&self) -> &str {
        self.media_type.as_deref().unwrap_or(UNKNOWN)
    }

    /// Returns whether the media type is known.
    pub const fn is_known(&self) -> bool {
        self.media_type.is_some()
    }

    /// Returns the usual extension of a file name, without a dot.
    pub fn extension(&self) -> &str {
        let media_type = self.media_type();
        let known = EXTENSIONS.iter().find(|(known, _)| *known == media_type);
        known.map_or_else(|| media_type.rsplit('/').next().unwrap_or("bin"), |(_, extension)| *extension)
    }

    /// Returns whether the media is an image.
    pub fn is_image(&self) -> bool {
        self.media_type().starts_with("image/")
    }

    /// Returns whether the media is audio. Recorders also write audio into `WebM` and `MP4`, which count as audio too.
    pub fn is_audio(&self) -> bool {
        let media_type = self.media_type();
        media_type.starts_with("audio/") || matches!(media_type, "video/webm" | "video/mp4")
    }

    /// Returns the bytes in base64.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.data)
    }

    /// Returns a `data:` URL with the bytes.
    pub fn to_data_url(&self) -> String {
        let mut url = format!("data:{};base64,", self.media_type());
        STANDARD.encode_string(&self.data, &mut url);
        url
    }
}

impl From<Vec<u8>> for Media {
    fn from(data: Vec<u8>) -> Self {
        Self::new(data)
    }
}

impl From<Bytes> for Media {
    fn from(data: Bytes) -> Self {
        Self::new(data)
    }
}

impl From<&'static [u8]> for Media {
    fn from(data: &'static [u8]) -> Self {
        Self::new(data)
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("media_type", &self.media_type())
            .field("bytes", &self.data.len())
            .finish()
    }
}

/// A `data:` URL.
impl Serialize for Media {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_data_url())
    }
}

impl<'de> Deserialize<'de> for Media {
    /// Reads a `data:` URL, or base64 alone.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(|_| D::Error::custom("the text is not base64"))
    }
}
