//! Images, audio and documents in a message.

use super::content::{InputAudio, InputFile, Part};
use super::request::ChatRequest;
use crate::catalog::Model;
use crate::error_response::invalid_request;
use crate::script::Script;

const IMAGES: [&str; 5] = ["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"];
const SOUNDS: [&str; 6] = ["wav", "mp3", "flac", "opus", "ogg", "m4a"];

/// Returns a description of all media in the messages. The error is an error response.
pub(super) fn describe_media(request: &ChatRequest, model: &Model) -> Result<String, Script> {
    let mut images = Vec::new();
    let mut others = String::new();
    for (place, message) in request.messages.iter().enumerate() {
        let param = format!("messages.[{place}].content");
        let refuse = |text: &str, code: &str| invalid_request(text, Some(&param), Some(code));
        let takes = |kind: &str, name: &str| {
            if model.takes(kind) {
                Ok(())
            } else {
                Err(refuse(&format!("This model does not support {name} input."), "unsupported_content"))
            }
        };
        for part in message.content.parts() {
            match part {
                Part::Text { .. } => {}
                Part::ImageUrl { image_url } => {
                    takes("image", "image")?;
                    images.push(image(&image_url.url).map_err(|error| refuse(error.0, error.1))?);
                }
                Part::InputAudio { input_audio } => {
                    takes("audio", "audio")?;
                    others.push_str(&audio(input_audio).map_err(|error| refuse(error.0, error.1))?);
                }
                Part::File { file } => {
                    takes("file", "file")?;
                    others.push_str(&document(file).map_err(|error| refuse(error.0, error.1))?);
                }
            }
        }
    }
    if images.is_empty() {
        return Ok(others);
    }
    Ok(format!("Images received: {}. {}{others}", images.len(), images.concat()))
}

/// An error message and its code.
struct MediaError(&'static str, &'static str);

const BROKEN: MediaError = MediaError("Invalid base64 data.", "invalid_base64");

fn image(url: &str) -> Result<String, MediaError> {
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok("An image by its address. ".to_owned());
    }
    let (kind, size) = data_url(url)?;
    if !IMAGES.contains(&kind) {
        return Err(MediaError(
            "You uploaded an unsupported image. Please make sure your image has of one the following \
             formats: ['png', 'jpeg', 'gif', 'webp'].",
            "invalid_image_format",
        ));
    }
    Ok(format!("An image ({kind}, {size} bytes). "))
}

fn audio(audio: &InputAudio) -> Result<String, MediaError> {
    if !SOUNDS.contains(&audio.format.as_str()) {
        return Err(MediaError("Unsupported audio format.", "invalid_audio_format"));
    }
    let size = decoded(&audio.data).ok_or(BROKEN)?;
    Ok(format!("An audio ({}, {size} bytes). ", audio.format))
}

fn document(file: &InputFile) -> Result<String, MediaError> {
    let name = file.filename.as_deref().unwrap_or("without a name");
    match (&file.file_data, &file.file_id) {
        (Some(data), _) => {
            let (kind, size) = data_url(data)?;
            Ok(format!("A file {name} ({kind}, {size} bytes). "))
        }
        (None, Some(id)) => Ok(format!("A file {name} (by its id {id}). ")),
        (None, None) => Err(MediaError("A file needs 'file_data' or 'file_id'.", "missing_file")),
    }
}

/// Returns the media type and the size of a data URL.
fn data_url(url: &str) -> Result<(&str, usize), MediaError> {
    let broken =
        MediaError("Invalid data URL: expected 'data:<media type>;base64,<data>'.", "invalid_data_url");
    let Some((head, data)) = url.strip_prefix("data:").and_then(|url| url.split_once(',')) else {
        return Err(broken);
    };
    let Some(kind) = head.strip_suffix(";base64") else {
        return Err(broken);
    };
    Ok((kind.split(';').next().unwrap_or(kind), decoded(data).ok_or(BROKEN)?))
}

/// Returns the decoded size of base64 text in bytes, or `None` if it is invalid.
fn decoded(text: &str) -> Option<usize> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    let letters = text.trim_end_matches('=');
    let padding = text.len().checked_sub(letters.len())?;
    let is_whole = text.len().is_multiple_of(4) && padding <= 2;
    (is_whole && letters.bytes().all(is_letter) && !letters.is_empty()).then(|| letters.len() * 3 / 4)
}
