//! The providers of a model in the two forms of the Hub.

use serde::{Serialize, Serializer};

use crate::catalog::{Kind, Known, Provider};

/// Keyed by provider, in the user's order.
pub(super) struct Keyed(pub(super) Vec<Entry>);

/// One provider.
#[derive(Serialize)]
pub(super) struct Entry {
    /// Only in the list.
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

impl Serialize for Keyed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|entry| (entry.name, entry)))
    }
}

/// All providers of a model.
pub(super) fn entries(known: Known) -> Vec<Entry> {
    let task = match known.kind {
        Kind::Chat => "conversational",
        Kind::Base => "text-generation",
        Kind::Embedding => "feature-extraction",
        Kind::Unserved | Kind::Unmapped => return Vec::new(),
    };
    let mut entries: Vec<Entry> = known.providers().iter().map(|provider| entry(provider, task)).collect();
    if known.kind == Kind::Embedding {
        entries.push(entry(&Provider::new("hf-inference", known.id), task));
    }
    // Whoever takes the first entry without a look at its task ends here.
    if known.id == "sandbox/everywhere" {
        let painter = Entry {
            adapter: Some("lora"),
            adapter_weights_path: Some("everywhere.safetensors"),
            is_model_author: None,
            ..entry(&Provider::new("fal-ai", "fal-ai/everywhere-lora"), "text-to-image")
        };
        entries.insert(0, painter);
    }
    entries
}

/// The same as they stand in a list.
pub(super) fn listed(known: Known) -> Vec<Entry> {
    let named = |entry: Entry| Entry { provider: Some(entry.name), ..entry };
    entries(known).into_iter().map(named).collect()
}

/// Whether one of these providers serves the model.
pub(super) fn is_served_by(known: Known, wanted: &str) -> bool {
    let is_wanted = |name: &str| wanted == "all" || wanted.split(',').any(|each| each == name);
    entries(known).iter().any(|entry| is_wanted(entry.name))
}

fn entry(provider: &Provider, task: &'static str) -> Entry {
    Entry {
        provider: None,
        name: provider.name,
        status: provider.status,
        provider_id: provider.serves_as,
        task,
        is_model_author: Some(provider.is_model_author),
        adapter: None,
        adapter_weights_path: None,
    }
}
