//! Converts images, audio and documents.

use crate::huggingface::PROVIDER;
use crate::huggingface::dto::{
    HuggingFaceAudio, HuggingFaceContent, HuggingFaceFile, HuggingFaceImageUrl, HuggingFacePart,
    HuggingFaceRequest,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use botticelli_core::MediaSource;
use botticelli_core::redact;
use botticelli_error::{BotticelliError, BuilderError, ModelsError};
use std::borrow::Cow;

/// Returns whether a request contains images, audio or documents.
pub(in crate::huggingface) fn has_media(request: &HuggingFaceRequest) -> bool {
    request.messages().iter().any(|message| match message.content() {
        Some(HuggingFaceContent::Parts(parts)) => {
            parts.iter().any(|part| !matches!(part, HuggingFacePart::Text { .. }))
        }
        _ => false,
    })
}

/// Converts an image to its address or to a data URL.
pub(super) fn image(source: &MediaSource) -> Result<HuggingFacePart, BotticelliError> {
    let url = match source {
        MediaSource::Url(url) => image_url(url)?,
        _ => data_url(source, "an image", "image/")?,
    };
    Ok(HuggingFacePart::ImageUrl { image_url: HuggingFaceImageUrl::new(url) })
}

/// Converts audio. The service accepts only the content itself, no address.
pub(super) fn audio(source: &MediaSource) -> Result<HuggingFacePart, BotticelliError> {
    let (media_type, data) = content(source, "an audio input")?;
    let format = match media_type {
        "audio/wav" | "audio/x-wav" | "audio/wave" => "wav",
        "audio/mpeg" | "audio/mp3" => "mp3",
        other => other.strip_prefix("audio/").ok_or_else(|| {
            let remedy = "set an audio media type such as audio/wav or audio/mpeg";
            let shown = format!("{media_type:?}");
            BotticelliError::from(BuilderError::refused(
                "Input",
                "audio",
                shown,
                "it is not an audio type",
                remedy,
            ))
        })?,
    };
    Ok(HuggingFacePart::InputAudio { input_audio: HuggingFaceAudio::new(data, format) })
}

/// Converts a document. The service accepts only the content itself, no address.
pub(super) fn document(source: &MediaSource) -> Result<HuggingFacePart, BotticelliError> {
    let url = data_url(source, "a document input", "")?;
    let name = if url.starts_with("data:application/pdf") { "document.pdf" } else { "document" };
    Ok(HuggingFacePart::File { file: HuggingFaceFile::new(name, url) })
}

fn data_url(source: &MediaSource, what: &'static str, family: &str) -> Result<String, BotticelliError> {
    let (media_type, data) = content(source, what)?;
    if !media_type.starts_with(family) {
        let (shown, reason) = (format!("{media_type:?}"), format!("it is not {what}"));
        let remedy = format!("set a media type such as {family}png");
        return Err(BuilderError::refused("Input", "media_type", shown, reason, remedy).into());
    }
    Ok(format!("data:{media_type};base64,{data}"))
}

/// Returns the media type and the content in base64.
fn content<'a>(
    source: &'a MediaSource,
    what: &'static str,
) -> Result<(&'a str, Cow<'a, str>), BotticelliError> {
    reject_empty(source, what)?;
    match source {
        MediaSource::Bytes { media_type, data } => Ok((media_type, STANDARD.encode(data).into())),
        MediaSource::Base64 { media_type, data } => {
            if STANDARD.decode(data).is_err() {
                let remedy = "encode it again (standard alphabet, padded, no line breaks), or pass the bytes";
                let shown = format!("{} characters", data.len());
                return Err(BuilderError::refused(
                    "Input",
                    "base64",
                    shown,
                    "it is not valid base64",
                    remedy,
                )
                .into());
            }
            Ok((media_type, data.into()))
        }
        _ => {
            let what = format!("{what} by URL");
            let remedy = "pass it as bytes or as base64";
            Err(ModelsError::unsupported(PROVIDER, what, remedy).into())
        }
    }
}

/// Rejects empty content, and a media type that does not fit into a data URL.
fn reject_empty(source: &MediaSource, what: &'static str) -> Result<(), BotticelliError> {
    let (media_type, is_empty) = match source {
        MediaSource::Bytes { media_type, data } => (media_type, data.is_empty()),
        MediaSource::Base64 { media_type, data } => (media_type, data.is_empty()),
        _ => return Ok(()),
    };
    if is_empty {
        let remedy = "pass its content";
        return Err(
            BuilderError::refused("Input", "data", "empty", format!("{what} needs content"), remedy).into()
        );
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '+' | '.' | '_');
    if !media_type.chars().all(is_plain) {
        let (shown, reason) = (format!("{media_type:?}"), "it is not a media type");
        let remedy = "use a media type such as image/png";
        return Err(BuilderError::refused("Input", "media_type", shown, reason, remedy).into());
    }
    Ok(())
}

/// Checks an address. The service can fetch https, http and data URLs, but no path on this machine.
fn image_url(url: &str) -> Result<String, BotticelliError> {
    let is_address = ["https://", "http://", "data:image/"].iter().any(|scheme| url.starts_with(scheme));
    if is_address {
        return Ok(url.to_owned());
    }
    let shown: String = redact::address(url).chars().take(80).collect();
    let reason = "the service cannot fetch it";
    let remedy = "use an https URL, or pass the bytes of the image: Input::image(bytes)";
    Err(BuilderError::refused("Input", "image", format!("{shown:?}"), reason, remedy).into())
}
