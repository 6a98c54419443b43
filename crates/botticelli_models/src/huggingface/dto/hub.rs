//! The providers of a model, from the Hub: `/api/models/{id}?expand[]=inferenceProviderMapping`.

use super::lenient;
use derive_getters::Getters;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A model on the Hub.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceHubModel {
    /// Name on the Hub.
    id: Option<String>,
    /// Providers of the model, in the user's order. An object keyed by provider for a single model, a list for many models, null or
    /// missing without providers.
    inference_provider_mapping: Vec<HuggingFaceMapping>,
}

lenient::read_object! {
    HuggingFaceHubModel {
        id: Option<String> = lenient::word, "id";
        inference_provider_mapping: Vec<HuggingFaceMapping> = mapping, "inferenceProviderMapping";
    }
}

/// A provider of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Getters)]
pub struct HuggingFaceMapping {
    /// Id of the provider.
    provider: Option<String>,
    /// `live`, `staging`, `error`, …
    status: Option<String>,
    /// The provider's name for the model.
    provider_id: Option<String>,
    /// `conversational`, `text-generation`, …
    task: Option<String>,
    /// File with the weights of an adapter, if the model is an adapter for another model.
    adapter_weights_path: Option<String>,
    /// `true` if the provider made the model.
    #[getter(copy)]
    is_model_author: Option<bool>,
}

lenient::read_object! {
    HuggingFaceMapping {
        provider: Option<String> = lenient::word, "provider";
        status: Option<String> = lenient::word, "status";
        provider_id: Option<String> = lenient::word, "providerId";
        task: Option<String> = lenient::word, "task";
        adapter_weights_path: Option<String> = lenient::word, "adapterWeightsPath";
        is_model_author: Option<bool> = lenient::flag, "isModelAuthor";
    }
}

/// Reads both formats in their order, and skips entries that are not objects.
fn mapping<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<HuggingFaceMapping>, D::Error> {
    let entry = |value| serde_json::from_value::<HuggingFaceMapping>(value).ok();
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(list) => list.into_iter().filter_map(entry).collect(),
        Value::Object(object) => object
            .into_iter()
            .filter_map(|(key, value)| {
                let mut entry = entry(value)?;
                entry.provider.get_or_insert(key);
                Some(entry)
            })
            .collect(),
        _ => Vec::new(),
    })
}
