//! The list of models, and one entry of it.

use serde::Serialize;

use super::entry::Model;
use super::models::{BASE, MODELS};
use super::selection::ServedModel;

#[derive(Debug, Serialize)]
pub(crate) struct List {
    object: &'static str,
    data: &'static [Model],
}

/// What `GET /v1/models` answers.
pub(crate) fn list() -> List {
    List { object: "list", data: MODELS }
}

/// The entry of one model, by its id without any suffix.
pub(crate) fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}

/// A model that does not chat.
pub(crate) fn find_base(id: &str) -> Option<&'static Model> {
    BASE.iter().find(|model| model.id == id)
}

/// The chat model that a provider serves under this name of its own.
pub(crate) fn find_by_provider_id(provider: &str, name: &str) -> Option<ServedModel> {
    find_served(MODELS, provider, name)
}

/// The model of any kind that a provider serves under this name of its own.
pub(crate) fn find_any_by_provider_id(provider: &str, name: &str) -> Option<ServedModel> {
    find_served(MODELS, provider, name).or_else(|| find_served(BASE, provider, name))
}

fn find_served(models: &'static [Model], provider: &str, name: &str) -> Option<ServedModel> {
    models.iter().find_map(|model| {
        let provider = model.provider(provider).filter(|provider| provider.model_id == name)?;
        Some(ServedModel { model, provider })
    })
}
