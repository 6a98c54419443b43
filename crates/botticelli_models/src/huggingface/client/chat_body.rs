//! The body of a chat request.

use crate::huggingface::PROVIDER;
use crate::huggingface::conversions;
use crate::huggingface::dto::HuggingFaceRequest;
use crate::huggingface::settings::DriverSettings;
use botticelli_core::GenerateRequest;
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use bytes::Bytes;
use serde::Serialize;

/// Returns a body as JSON.
pub(in crate::huggingface) fn to_json(body: &impl Serialize) -> Result<Bytes, BotticelliError> {
    let json = serde_json::to_vec(body).map_err(|error| {
        let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
        JsonError::new(kind, PROVIDER).with_source(error)
    })?;
    Ok(json.into())
}

/// Adds the driver's defaults to a request, validates it, and returns its body, which is not streamed and has no selected provider.
pub(in crate::huggingface) fn chat_body(
    settings: &DriverSettings,
    request: &mut GenerateRequest,
) -> Result<HuggingFaceRequest, BotticelliError> {
    request.add_defaults(&settings.generation);
    let model = match request.model() {
        Some(model) => {
            settings.check_model(model)?;
            model
        }
        // The driver's own model was checked when the driver was built.
        None => &settings.model,
    };
    let dto = conversions::request(request, model, settings.dialect)?;
    Ok(if settings.is_openai() { dto.with_max_completion_tokens() } else { dto })
}
