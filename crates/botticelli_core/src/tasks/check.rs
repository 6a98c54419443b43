//! Checks that several requests share.

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
