//! Responses in little memory.

use super::entry::stored;
use botticelli_core::{Cost, FinishReason, GenerateResponse, Output, Usage};

/// A response as a cache in memory stores it: without the data of the original call.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every response is a text, and a box would be an allocation"
)]
pub(super) enum Packed {
    /// A response that has little more than a text.
    Text(TextResponse),
    Other(GenerateResponse),
}

/// A text with the names of its response.
pub(super) struct TextResponse {
    /// The text, and the names after it.
    strings: Strings,
    /// Length of the text, in bytes.
    text: usize,
    /// Lengths of the names that the response has, in bytes.
    names: [Option<u32>; 5],
    finish_reason: FinishReason,
    usage: Option<Usage>,
    cost: Cost,
}

/// Strings one after the other. Short ones need no allocation: an entry lives long, and is smaller with them than its size that counts.
#[expect(clippy::large_enum_variant, reason = "short strings are the usual ones")]
enum Strings {
    Short { bytes: [u8; SHORT], length: usize },
    Long(Box<str>),
}

/// Maximum length of strings without an allocation.
const SHORT: usize = 384;

impl Strings {
    fn of<const N: usize>(parts: [&str; N]) -> Self {
        let length = parts.iter().map(|part| part.len()).sum();
        let mut bytes = [0; SHORT];
        let Some(mut rest) = bytes.get_mut(..length) else { return Self::Long(parts.concat().into()) };
        for part in parts {
            let Some((place, after)) = rest.split_at_mut_checked(part.len()) else { break };
            place.copy_from_slice(part.as_bytes());
            rest = after;
        }
        Self::Short { bytes, length }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Short { bytes, length } => std::str::from_utf8(bytes.get(..*length)?).ok(),
            Self::Long(text) => Some(text),
        }
    }

    fn length(&self) -> usize {
        match self {
            Self::Short { length, .. } => *length,
            Self::Long(text) => text.len(),
        }
    }
}

impl Packed {
    pub(super) fn new(response: &GenerateResponse) -> Self {
        match TextResponse::new(response) {
            Some(text) => Self::Text(text),
            None => Self::Other(stored(response.clone())),
        }
    }

    /// Returns the response. `None` is never returned for one that was packed.
    pub(super) fn unpack(&self) -> Option<GenerateResponse> {
        match self {
            Self::Text(text) => text.unpack(),
            Self::Other(response) => Some(response.clone()),
        }
    }

    /// Returns the size, which is about that of the JSON, the measure of a cache in a file. JSON itself would take longer to write than the
    /// entry.
    pub(super) fn size(&self) -> usize {
        /// Bytes of the numbers of a response and of the names of its fields, as JSON.
        const NUMBERS: usize = 300;
        /// Bytes of a response that is not packed, which has its own allocation and leaves the place of a short text empty.
        const APART: usize = 768;
        match self {
            Self::Text(text) => text.strings.length().saturating_add(NUMBERS),
            Self::Other(response) => {
                serde_json::to_vec(response).map_or(usize::MAX, |json| json.len().saturating_add(APART))
            }
        }
    }
}

impl TextResponse {
    /// Packs a response. `None` if it has more than a text.
    fn new(response: &GenerateResponse) -> Option<Self> {
        let is_plain = response.alternatives().is_empty()
            && response.logprobs().is_none()
            && response.routing().is_none()
            && !response.is_cached();
        let [Output::Text(text)] = response.outputs() else { return None };
        if !is_plain {
            return None;
        }
        let names = [
            response.requested_model(),
            response.model(),
            response.provider(),
            response.id(),
            response.request_id(),
        ];
        let mut lengths = [None; 5];
        for (length, name) in lengths.iter_mut().zip(names) {
            let Some(name) = name else { continue };
            *length = Some(u32::try_from(name.len()).ok()?);
        }
        let [first, second, third, fourth, fifth] = names.map(Option::unwrap_or_default);
        Some(Self {
            strings: Strings::of([text, first, second, third, fourth, fifth]),
            text: text.len(),
            names: lengths,
            finish_reason: response.finish_reason().clone(),
            usage: response.usage().copied(),
            cost: response.cost(),
        })
    }

    fn unpack(&self) -> Option<GenerateResponse> {
        let (text, mut rest) = self.strings.text()?.split_at_checked(self.text)?;
        let mut names = [const { None }; 5];
        for (name, length) in names.iter_mut().zip(self.names) {
            let Some(length) = length else { continue };
            let (found, others) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            *name = Some(found.to_owned());
            rest = others;
        }
        let [requested_model, model, provider, id, request_id] = names;
        let builder = GenerateResponse::builder()
            .outputs(vec![Output::Text(text.to_owned())])
            .finish_reason(self.finish_reason.clone())
            .cost(self.cost);
        let builder = match self.usage {
            Some(usage) => builder.usage(usage),
            None => builder,
        };
        let response = builder.build().ok()?;
        Some(response.with_identity(id, model).with_origin(requested_model, provider, request_id))
    }
}
