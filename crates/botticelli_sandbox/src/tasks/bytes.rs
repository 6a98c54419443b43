//! Bytes of inputs and results.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error_response::{plain, undeserializable};
use crate::http::Request;
use crate::script::Script;

/// A media input and its parameters.
pub(super) struct Input {
    pub(super) data: Vec<u8>,
    pub(super) parameters: Map<String, Value>,
}

#[derive(Deserialize)]
struct JsonInput {
    inputs: String,
    #[serde(default)]
    parameters: Map<String, Value>,
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Beginnings of images and of audio.
const IMAGES: [&[u8]; 4] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"];
const SOUNDS: [&[u8]; 5] = [b"fLaC", b"RIFF", b"ID3", b"OggS", b"\xff\xfb"];

impl Input {
    /// Reads raw bytes, or JSON with base64.
    pub(super) fn read(request: &Request) -> Result<Self, Script> {
        let is_json =
            request.header("content-type").is_some_and(|value| value.starts_with("application/json"));
        if !is_json {
            return Ok(Self { data: request.body.clone(), parameters: Map::new() });
        }
        let JsonInput { inputs, parameters } =
            serde_json::from_slice(&request.body).map_err(|error| undeserializable(&error))?;
        Ok(Self { data: decoded(&inputs)?, parameters })
    }

    /// Rejects bytes that are not an image.
    pub(super) fn image(self) -> Result<Self, Script> {
        let is_image = IMAGES.iter().any(|mark| self.data.starts_with(mark));
        if is_image { Ok(self) } else { Err(plain(400, "cannot identify image file <_io.BytesIO object>")) }
    }

    /// Rejects bytes that are not audio.
    pub(super) fn audio(self) -> Result<Self, Script> {
        let is_audio = SOUNDS.iter().any(|mark| self.data.starts_with(mark));
        if is_audio { Ok(self) } else { Err(plain(400, "Malformed soundfile")) }
    }

    /// Returns a whole number of the parameters.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        usize::try_from(self.parameters.get(name)?.as_u64()?).ok()
    }
}

/// Returns the bytes of base64, with or without a `data:` URL around it.
pub(super) fn decoded(text: &str) -> Result<Vec<u8>, Script> {
    let digits = text.split_once(',').map_or(text, |(_, digits)| digits).trim_end_matches('=');
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = ALPHABET.iter().position(|known| *known == digit);
        let value =
            value.and_then(|value| u32::try_from(value).ok()).ok_or_else(|| plain(400, "Invalid base64"))?;
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 255).unwrap_or(0));
        }
    }
    Ok(bytes)
}

/// Returns base64.
pub(super) fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_u32 {
            let at = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap_or(0);
            let is_padding = usize::try_from(place).unwrap_or(0) > group.len();
            text.push(if is_padding { '=' } else { ALPHABET.get(at).copied().unwrap_or(b'=').into() });
        }
    }
    text
}

/// Returns the beginning of a file and a text: not an image, but clients cannot tell.
pub(super) fn file(mark: &[u8], text: &str) -> Vec<u8> {
    [mark, b"\0sandbox: ", text.as_bytes()].concat()
}

pub(super) const JPEG: &[u8] = b"\xff\xd8\xff\xe0";
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
pub(super) const FLAC: &[u8] = b"fLaC";
