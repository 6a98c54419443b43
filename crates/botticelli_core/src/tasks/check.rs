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
