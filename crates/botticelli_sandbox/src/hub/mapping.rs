//! Providers of a model in the two JSON forms of the Hub.

use serde::{Serialize, Serializer};

use crate::catalog::{HubModel, HubModelKind, Provider};
use crate::tasks::Task;

/// Entries as an object keyed by provider, in the user's order of preference.
pub(super) struct KeyedEntries(pub(super) Vec<Entry>);

/// Entry of one provider.
#[derive(Serialize)]
pub(super) struct Entry {
    /// Present only in the list form.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'static str>,
    #[serde(skip)]
    name: &'static str,
    status: &'static str,
    #[serde(rename = "providerId")]
    provider_id: &'static str,
    task: &'static str,
    #[serde(rename = "isModelAuthor", skip_serializing_if = "Option::is_none")]
    is_model_author: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<&'static str>,
    #[serde(rename = "adapterWeightsPath", skip_serializing_if = "Option::is_none")]
    adapter_weights_path: Option<&'static str>,
}

impl Serialize for KeyedEntries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|entry| (entry.name, entry)))
    }
}

/// Returns the entries of all providers of a model.
pub(super) fn entries(model: HubModel) -> Vec<Entry> {
    let task = match model.kind {
        HubModelKind::Chat => "conversational",
        HubModelKind::Base => "text-generation",
        HubModelKind::Task(model) => {
            // The Hub lists models of both kinds under one name.
            let task = match model.task {
                Task::SentenceSimilarity => Task::FeatureExtraction.name(),
                task => task.name(),
            };
            let is_adapter = model.id == "sandbox/lora";
            let own = |(name, id)| Entry {
                adapter: is_adapter.then_some("lora"),
                adapter_weights_path: is_adapter.then_some("lora.safetensors"),
                ..entry(&Provider::new(name, id), task)
            };
            return model.provider_ids().map(own).collect();
        }
        HubModelKind::Unserved | HubModelKind::Unmapped => return Vec::new(),
    };
    let mut entries: Vec<Entry> = model.providers().iter().map(|provider| entry(provider, task)).collect();
    // A trap for clients that take the first entry without checking its task.
    if model.id == "sandbox/everywhere" {
        let image_entry = Entry {
            adapter: Some("lora"),
            adapter_weights_path: Some("everywhere.safetensors"),
            is_model_author: None,
            ..entry(&Provider::new("fal-ai", "fal-ai/everywhere-lora"), "text-to-image")
        };
        entries.insert(0, image_entry);
    }
    entries
}

/// Returns the same entries in the list form.
pub(super) fn listed_entries(model: HubModel) -> Vec<Entry> {
    let named = |entry: Entry| Entry { provider: Some(entry.name), ..entry };
    entries(model).into_iter().map(named).collect()
}

/// Returns whether a provider in the filter serves the model.
pub(super) fn is_served_by(model: HubModel, filter: &str) -> bool {
    let matches = |name: &str| filter == "all" || filter.split(',').any(|each| each == name);
    entries(model).iter().any(|entry| matches(entry.name))
}

fn entry(provider: &Provider, task: &'static str) -> Entry {
    Entry {
        provider: None,
        name: provider.name,
        status: provider.status,
        provider_id: provider.model_id,
        task,
        is_model_author: Some(provider.is_model_author),
        adapter: None,
        adapter_weights_path: None,
    }
}
