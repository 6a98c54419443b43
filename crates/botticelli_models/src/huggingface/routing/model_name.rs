//! Validation of model names.

use crate::huggingface::PROVIDER;
use botticelli_core::redact;
use botticelli_error::{BotticelliError, ErrorDetails, HuggingFaceErrorKind, ModelsError, ModelsErrorKind};

/// The spaces that a model name may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whitespace {
    Forbidden,
    /// Spaces between words. vLLM serves models under any name, as `Llama 3.1 8B Instruct`.
    InnerSpaces,
}

/// Rejects an invalid model name for the Hub, before it is sent.
pub(in crate::huggingface) fn check_model(model: &str) -> Result<(), BotticelliError> {
    check_name(model, Whitespace::Forbidden)
}

/// Rejects a model name that is invalid on every server, before it is sent.
pub(in crate::huggingface) fn check_served_model(model: &str) -> Result<(), BotticelliError> {
    check_name(model, Whitespace::InnerSpaces)
}

fn check_name(model: &str, whitespace: Whitespace) -> Result<(), BotticelliError> {
    let (name, route) = model.split_once(':').map_or((model, None), |(name, route)| (name, Some(route)));
    let is_invalid_whitespace =
        |c: char| c.is_whitespace() && (c != ' ' || whitespace == Whitespace::Forbidden);
    let has_invalid_whitespace = || model.contains(is_invalid_whitespace) || model.trim() != model;
    // None of the last three checks can fail for these characters, which nearly all names consist of.
    let is_ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    let reason = match () {
        () if model.is_empty() => "is empty",
        // If the two arguments of `new` are swapped, the token must not be sent as a model, or shown in an error.
        () if redact::is_token(name) => "is a token",
        () if name.split('/').any(|part| part == ".." || part == ".") => "contains the part .. or .",
        () if name.is_empty() => "has nothing before its colon",
        () if route == Some("") => "has nothing after its colon",
        () if model.bytes().all(is_ordinary) => return Ok(()),
        () if model.contains(char::is_control) => "contains a control character",
        () if has_invalid_whitespace() => "contains white space",
        () if model.contains(['?', '#', '\\', '%']) => "contains one of ? # % \\",
        () => return Ok(()),
    };
    Err(invalid(model, reason))
}

/// Returns a model name for `Debug`. Text without a slash is redacted, because it can be a token that was passed as the model.
pub(in crate::huggingface) fn redact_model(model: &str) -> String {
    if model.contains('/') { model.to_owned() } else { redact::tokens(model) }
}

pub(in crate::huggingface) fn invalid(model: &str, reason: &'static str) -> BotticelliError {
    rejected(HuggingFaceErrorKind::InvalidModelName { reason }, model)
}

pub(in crate::huggingface) fn rejected(kind: HuggingFaceErrorKind, model: &str) -> BotticelliError {
    let mut details = ErrorDetails::new(PROVIDER);
    details.model = Some(redact::tokens(model));
    ModelsError::new(ModelsErrorKind::HuggingFace(kind), details).into()
}
