//! Every model that the Hub knows, served or not.

use super::entry::{Model, Provider};
use super::models::{BASE, MODELS, NOT_CHAT, UNMAPPED, UNSERVED};

/// A model and what it is good for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HubModel {
    pub(crate) id: &'static str,
    pub(crate) kind: HubModelKind,
    entry: Option<&'static Model>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HubModelKind {
    Chat,
    /// Goes on with a text.
    Base,
    Embedding,
    /// Served by nobody any more.
    Unserved,
    /// Never served by anybody.
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

/// All of them, those that chat first.
pub(crate) fn hub_models() -> impl Iterator<Item = HubModel> {
    let chat = MODELS.iter().map(|model| (model.id, HubModelKind::Chat, Some(model)));
    let base = BASE.iter().map(|model| (model.id, HubModelKind::Base, Some(model)));
    let is_base = |id: &str| BASE.iter().any(|model| model.id == id);
    let others =
        NOT_CHAT.iter().filter(move |id| !is_base(id)).map(|id| (*id, HubModelKind::Embedding, None));
    let unserved = UNSERVED.iter().map(|id| {
        (*id, if UNMAPPED.contains(id) { HubModelKind::Unmapped } else { HubModelKind::Unserved }, None)
    });
    let all = chat.chain(base).chain(others).chain(unserved);
    all.map(|(id, kind, entry)| HubModel { id, kind, entry })
}
