//! The list of models, and one entry of it.

use serde::Serialize;

use super::entry::Model;
use super::models::MODELS;

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
