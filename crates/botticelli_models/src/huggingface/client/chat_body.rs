//! The body of a chat request.

use crate::huggingface::PROVIDER;
use crate::huggingface::conversions;
use crate::huggingface::dto::HuggingFaceRequest;
use crate::huggingface::settings::DriverSettings;
use botticelli_core::GenerateRequest;
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use bytes::Bytes;
use serde::Serialize;
use std::sync::Arc;

/// Returns a body as JSON.
pub(in crate::huggingface) fn to_json(body: &impl Serialize) -> Result<Bytes, BotticelliError> {
    let json = serde_json::to_vec(body).map_err(|error| {
        let kind = JsonErrorKind::Unreadable { what: "request", beginning: String::new() };
        JsonError::new(kind, PROVIDER).with_source(error)
    })?;
    Ok(json.into())
}

/// Returns the model of a request, or the driver's own model, which was checked when the driver was built.
pub(in crate::huggingface) fn model_of(
    settings: &DriverSettings,
    request: &GenerateRequest,
) -> Result<Arc<str>, BotticelliError> {
    let Some(model) = request.model() else { return Ok(settings.model.clone()) };
    settings.check_model(model)?;
    Ok(model.into())
}

/// Adds the driver's defaults to a request, validates it, and returns its body, which is not streamed and has no selected provider.
pub(in crate::huggingface) fn chat_body(
    settings: &DriverSettings,
    request: &mut GenerateRequest,
    model: &str,
) -> Result<HuggingFaceRequest, BotticelliError> {
    request.add_defaults(&settings.generation);
    let mut dto = conversions::request(request, model, settings.dialect);
    if let Ok(dto) = &mut dto
        && settings.is_openai()
    {
        dto.rename_max_tokens();
    }
    dto
}
