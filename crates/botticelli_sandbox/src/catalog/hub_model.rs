//! Models that the Hub knows, with or without providers.

use super::entry::{Model, Provider};
use super::models::{BASE, MODELS, UNMAPPED, UNSERVED};
use crate::tasks::{TaskModel, task_models};

/// A model on the Hub.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HubModel {
    pub(crate) id: &'static str,
    pub(crate) kind: HubModelKind,
    entry: Option<&'static Model>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HubModelKind {
    Chat,
    /// Completes text.
    Base,
    /// A task other than text generation.
    Task(&'static TaskModel),
    /// No longer served by any provider: the mapping is null.
    Unserved,
    /// Never served by any provider: the mapping is missing.
    Unmapped,
}

impl HubModel {
    pub(crate) fn providers(self) -> &'static [Provider] {
        self.entry.map_or(&[], |entry| entry.providers)
    }

    pub(crate) fn takes(self, modality: &str) -> bool {
        self.entry.is_some_and(|entry| entry.takes(modality))
    }
}

/// Returns all models, chat models first.
pub(crate) fn hub_models() -> impl Iterator<Item = HubModel> {
    let chat = MODELS.iter().map(|model| (model.id, HubModelKind::Chat, Some(model)));
    let base = BASE.iter().map(|model| (model.id, HubModelKind::Base, Some(model)));
    let others = task_models().map(|model| (model.id, HubModelKind::Task(model), None));
    let unserved = UNSERVED.iter().map(|id| {
        (*id, if UNMAPPED.contains(id) { HubModelKind::Unmapped } else { HubModelKind::Unserved }, None)
    });
    let all = chat.chain(base).chain(others).chain(unserved);
    all.map(|(id, kind, entry)| HubModel { id, kind, entry })
}
