//! Lookup of models.

use serde::Serialize;

use super::entry::Model;
use super::models::{BASE, MODELS};

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
