//! Answers that are an image, audio or a video.

use super::call::Answer;
use botticelli_core::tasks::Media;
use botticelli_error::BotticelliError;
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
    let is_media = ["image/", "audio/", "video/"].iter().any(|kind| answer.media_type.starts_with(kind));
    let is_json = || matches!(answer.body.bytes().trim_ascii_start().first(), Some(b'{' | b'['));
    if is_media && !media.data().is_empty() && !is_json() {
        return Ok(MediaAnswer::Media(media.or_media_type(Some(answer.media_type))));
    }
    let reply = answer.reply()?;
    let value: Value = reply.parse()?;
    match media_in(&value) {
        Some(found) => found,
        None => Err(reply.invalid("the answer has neither media nor the address of media")),
    }
}

/// Returns the media in JSON, if it has any.
pub(super) fn media_in(value: &Value) -> Option<Result<MediaAnswer, BotticelliError>> {
    let text =
        PLACES.iter().find_map(|place| value.pointer(place)?.as_str().filter(|text| !text.is_empty()))?;
    if text.starts_with("https:") || text.starts_with("http:") {
        return Some(Ok(MediaAnswer::Url(text.to_owned())));
    }
    Some(Media::from_base64(text).map(MediaAnswer::Media))
}
