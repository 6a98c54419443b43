//! Answers that are an image, audio or a video.

use super::call::Answer;
use botticelli_core::tasks::Media;
use botticelli_error::BotticelliError;
use serde::de::IgnoredAny;
use serde_json::Value;

/// An answer that is media, or the address of media.
#[derive(Debug)]
pub(super) enum MediaAnswer {
    Media(Media),
    Url(String),
}

/// The places of media in JSON, at all providers. A text is a URL, a `data:` URL, or base64.
const PLACES: [&str; 18] = [
    "/data/0/b64_json",
    "/data/0/url",
    "/data/outputs/0",
    "/images/0/url",
    "/images/0",
    "/image_result/0/url",
    "/image/url",
    "/image",
    "/outputs/video_url",
    "/videos/0/video_url",
    "/video/video_url",
    "/video/url",
    "/audio_file/url",
    "/audio/url",
    "/audio",
    "/output/0",
    "/output/url",
    "/output",
];

/// Returns the media of an answer.
///
/// The bytes decide, because servers send wrong content types: JPEG for PNG, or an error as JSON.
pub(super) fn read_media(answer: &Answer<'_>) -> Result<MediaAnswer, BotticelliError> {
    let media = Media::new(answer.body.bytes().clone());
    if media.is_known() {
        return Ok(MediaAnswer::Media(media));
    }
    if let Some(media) = with_declared_type(media, answer.media_type) {
        return Ok(MediaAnswer::Media(media));
    }
    let reply = answer.reply()?;
    let value: Value = reply.parse()?;
    match media_in(&value) {
        Some(found) => Ok(found),
        None => Err(reply.invalid("the answer has neither media nor the address of media")),
    }
}

/// Types whose bytes always show them.
const EVIDENT: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// The longest JSON that is searched for. An error is shorter.
const LONGEST_JSON: usize = 64 << 10;

/// Returns media whose type the bytes do not show, with the type that the server declares. `None` for a type that is not media, for one that
/// the bytes would show, and if the bytes are an error: empty, JSON or a web page.
pub(super) fn with_declared_type(media: Media, media_type: &str) -> Option<Media> {
    let is_media = ["image/", "audio/", "video/"].iter().any(|kind| media_type.starts_with(kind));
    let is_error = match media.data().trim_ascii_start().first() {
        None | Some(b'{' | b'[') => true,
        Some(b'<') => media_type != "image/svg+xml",
        Some(_) => {
            let data = media.data();
            data.len() < LONGEST_JSON && serde_json::from_slice::<IgnoredAny>(data).is_ok()
        }
    };
    (is_media && !is_error && !EVIDENT.contains(&media_type)).then(|| media.or_media_type(Some(media_type)))
}

/// Returns the media in JSON, if it has any.
pub(super) fn media_in(value: &Value) -> Option<MediaAnswer> {
    let text =
        PLACES.iter().find_map(|place| value.pointer(place)?.as_str().filter(|text| !text.is_empty()))?;
    // An address of another scheme is refused when it is fetched.
    if !text.starts_with("data:") && text.contains("://") {
        return Some(MediaAnswer::Url(text.to_owned()));
    }
    Media::from_base64(text).ok().map(MediaAnswer::Media)
}
