//! Lookup of models.

use serde::Serialize;

use super::entry::Model;
use super::models::{BASE, MODELS};
use super::selection::ServedModel;

#[derive(Debug, Serialize)]
pub(crate) struct List {
    object: &'static str,
    data: &'static [Model],
}

/// Returns the response body of `GET /v1/models`.
pub(crate) fn list() -> List {
    List { object: "list", data: MODELS }
}

/// Returns the chat model with this id. The id has no suffix.
pub(crate) fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}

/// Returns the base model with this id.
pub(crate) fn find_base(id: &str) -> Option<&'static Model> {
    BASE.iter().find(|model| model.id == id)
}

/// Returns the chat model that a provider serves under this provider id.
pub(crate) fn find_by_provider_id(provider: &str, name: &str) -> Option<ServedModel> {
    find_served(MODELS, provider, name)
}

/// Returns the chat or base model that a provider serves under this provider id.
pub(crate) fn find_any_by_provider_id(provider: &str, name: &str) -> Option<ServedModel> {
    find_served(MODELS, provider, name).or_else(|| find_served(BASE, provider, name))
}

fn find_served(models: &'static [Model], provider: &str, name: &str) -> Option<ServedModel> {
    models.iter().find_map(|model| {
        let provider = model.provider(provider).filter(|provider| provider.model_id == name)?;
        Some(ServedModel { model, provider })
    })
}
