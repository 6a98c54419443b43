//! Checks that several requests share.

use super::{Media, WordBox};
use botticelli_error::{BotticelliError, BuilderError};

/// Rejects an empty list of texts, and an empty text, which the error names by its index.
#[track_caller]
pub(super) fn texts(
    owner: &'static str,
    field: &'static str,
    texts: &[String],
) -> Result<(), BotticelliError> {
    if texts.is_empty() {
        return Err(BuilderError::missing(owner, field, "give at least one text").into());
    }
    match texts.iter().position(String::is_empty) {
        Some(index) => {
            let field = format!("{field}[{index}]");
            Err(BuilderError::refused(owner, field, "\"\"", "it is empty", "give a text, or leave it out")
                .into())
        }
        None => Ok(()),
    }
}

/// Rejects an empty text.
#[track_caller]
pub(super) fn text(owner: &'static str, field: &'static str, text: &str) -> Result<(), BotticelliError> {
    if text.is_empty() {
        return Err(BuilderError::missing(owner, field, "give a text").into());
    }
    Ok(())
}

/// Rejects zero in a number that must be positive.
#[track_caller]
pub(super) fn positive(
    owner: &'static str,
    field: &'static str,
    number: Option<u32>,
) -> Result<(), BotticelliError> {
    if number == Some(0) {
        let remedy = "give 1 or more, or leave it out";
        return Err(BuilderError::refused(owner, field, "0", "it is zero", remedy).into());
    }
    Ok(())
}

/// Rejects fewer than two labels, an empty label, and a repeated one.
#[track_caller]
pub(super) fn labels(owner: &'static str, labels: &[String]) -> Result<(), BotticelliError> {
    let remedy = "give at least two labels";
    match labels {
        [] => return Err(BuilderError::missing(owner, "labels", remedy).into()),
        [one] => {
            let reason = "the scores of a single label have no meaning";
            return Err(
                BuilderError::refused(owner, "labels", format!("{one:?} alone"), reason, remedy).into()
            );
        }
        _ => texts(owner, "labels", labels)?,
    }
    let repeated =
        labels.iter().enumerate().find(|(at, label)| labels.iter().take(*at).any(|it| it == *label));
    match repeated {
        Some((at, label)) => {
            let reason = "another label is the same";
            let (field, value) = (format!("labels[{at}]"), format!("{label:?}"));
            Err(BuilderError::refused(owner, field, value, reason, "leave it out").into())
        }
        None => Ok(()),
    }
}

/// Rejects a template without a place for the label.
#[track_caller]
pub(super) fn template(owner: &'static str, template: Option<&str>) -> Result<(), BotticelliError> {
    match template.filter(|template| !template.contains("{}")) {
        Some(template) => {
            let reason = "it has no place for the label";
            let remedy = "write {} in the place of the label, as in \"This text is about {}.\"";
            let value = format!("{template:?}");
            Err(BuilderError::refused(owner, "hypothesis_template", value, reason, remedy).into())
        }
        None => Ok(()),
    }
}

/// Rejects bytes that are not an image.
#[track_caller]
pub(super) fn image(owner: &'static str, image: &Media) -> Result<(), BotticelliError> {
    media(owner, "image", image, image.is_image(), "give a PNG, JPEG, GIF, WebP, BMP, TIFF, AVIF or HEIC")
}

/// Rejects bytes that are not audio.
#[track_caller]
pub(super) fn audio(owner: &'static str, audio: &Media) -> Result<(), BotticelliError> {
    media(owner, "audio", audio, audio.is_audio(), "give a WAV, MP3, FLAC, OGG, AAC, M4A or WebM")
}

#[track_caller]
fn media(
    owner: &'static str,
    field: &'static str,
    media: &Media,
    is_valid: bool,
    remedy: &'static str,
) -> Result<(), BotticelliError> {
    let size = media.data().len();
    if size == 0 {
        return Err(BuilderError::missing(owner, field, remedy).into());
    }
    if is_valid {
        return Ok(());
    }
    let (value, reason) = if media.is_known() {
        (format!("{} ({size} bytes)", media.media_type()), format!("it is not {field} data"))
    } else {
        (format!("these {size} bytes"), "their beginning belongs to no known format".to_owned())
    };
    let remedy = format!("{remedy}, or set another format with `Media::with_media_type`");
    Err(BuilderError::refused(owner, field, value, reason, remedy).into())
}

/// Rejects a number outside of 0 to 1.
#[track_caller]
pub(super) fn fraction(
    owner: &'static str,
    field: &'static str,
    number: Option<f64>,
) -> Result<(), BotticelliError> {
    match number.filter(|number| !(0.0..=1.0).contains(number)) {
        Some(number) => {
            let (reason, remedy) = ("it is out of range", "give a number from 0 to 1");
            Err(BuilderError::refused(owner, field, number.to_string(), reason, remedy).into())
        }
        None => Ok(()),
    }
}

/// Rejects a number that JSON cannot represent.
#[track_caller]
pub(super) fn finite(
    owner: &'static str,
    field: &'static str,
    number: Option<f64>,
) -> Result<(), BotticelliError> {
    match number.filter(|number| !number.is_finite()) {
        Some(number) => {
            let (reason, remedy) = ("it is not finite", "give a finite number");
            Err(BuilderError::refused(owner, field, number.to_string(), reason, remedy).into())
        }
        None => Ok(()),
    }
}

/// Rejects a box that is empty, or not on the page, whose sides have the length 1000.
#[track_caller]
pub(super) fn word_boxes(owner: &'static str, words: &[WordBox]) -> Result<(), BotticelliError> {
    let is_wrong = |word: &WordBox| {
        let [left, top, right, bottom] = word.corners();
        left > right || top > bottom || right > 1000 || bottom > 1000
    };
    match words.iter().position(is_wrong) {
        Some(index) => {
            let value = words.get(index).map(|word| format!("{:?}", word.corners())).unwrap_or_default();
            let reason = "a box has its left and upper side first, and lies within 0 to 1000";
            let remedy = "give thousandths of the width and of the height of the page";
            Err(BuilderError::refused(owner, format!("word_boxes[{index}]"), value, reason, remedy).into())
        }
        None => Ok(()),
    }
}
