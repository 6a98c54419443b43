//! Validation of model names.

use crate::huggingface::PROVIDER;
use botticelli_core::AuthConfig;
use botticelli_error::{BotticelliError, ErrorDetails, HuggingFaceErrorKind, ModelsError, ModelsErrorKind};

/// Where a model's name may have blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blanks {
    Nowhere,
    /// vLLM serves a model under any name, as `Llama 3.1 8B Instruct`.
    Inside,
}

/// Refuses what cannot be the name of a model on the Hub, before it travels.
pub(in crate::huggingface) fn check_model(model: &str) -> Result<(), BotticelliError> {
    check_name(model, Blanks::Nowhere)
}

/// Refuses what cannot be the name of a model on any server, before it travels.
pub(in crate::huggingface) fn check_served_model(model: &str) -> Result<(), BotticelliError> {
    check_name(model, Blanks::Inside)
}

fn check_name(model: &str, blanks: Blanks) -> Result<(), BotticelliError> {
    let (name, route) = model.split_once(':').map_or((model, None), |(name, route)| (name, Some(route)));
    let is_blank = |c: char| c.is_whitespace() && (c != ' ' || blanks == Blanks::Nowhere);
    let has_blank = model.contains(is_blank) || model.trim() != model;
    let reason = match () {
        () if model.is_empty() => "is empty",
        // Whoever swaps the two arguments of `new` must not send the token as a model, or read it in an error.
        () if AuthConfig::is_token(name) => "is a token",
        () if name.split('/').any(|part| part == ".." || part == ".") => "has .. or . for a part",
        () if name.is_empty() => "has nothing before its colon",
        () if route == Some("") => "has nothing after its colon",
        () if model.contains(char::is_control) => "has a control character in it",
        () if has_blank => "has a blank in it",
        () if model.contains(['?', '#', '\\', '%']) => "has one of ? # % \\ in it",
        () => return Ok(()),
    };
    Err(invalid(model, reason))
}

/// A model's name for `Debug`: whoever swaps it with the token must not read that.
pub(in crate::huggingface) fn shown_model(model: &str) -> String {
    if model.contains('/') { model.to_owned() } else { AuthConfig::hide_tokens(model) }
}

pub(in crate::huggingface) fn invalid(model: &str, reason: &'static str) -> BotticelliError {
    rejected(HuggingFaceErrorKind::InvalidModelName { reason }, model)
}

pub(in crate::huggingface) fn rejected(kind: HuggingFaceErrorKind, model: &str) -> BotticelliError {
    let mut refusal = ErrorDetails::by(PROVIDER);
    refusal.model = Some(AuthConfig::hide_tokens(model));
    ModelsError::new(ModelsErrorKind::HuggingFace(kind), refusal).into()
}
