//! Who serves a model under which name, from the Hub: `/api/models/{id}?expand[]=inferenceProviderMapping`.

use super::lenient;
use derive_getters::Getters;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What the Hub says of a model.
#[derive(Clone, Debug, Default, PartialEq, Getters, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HuggingFaceHubModel {
    /// The name on the Hub.
    #[serde(deserialize_with = "lenient::word")]
    id: Option<String>,
    /// Who serves it, in the user's order: an object by provider on the route of one model, a list on that of many;
    /// null or missing where nobody does.
    #[serde(deserialize_with = "mapping")]
    inference_provider_mapping: Vec<HuggingFaceMapping>,
}

/// One who serves a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Getters, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HuggingFaceMapping {
    /// The provider's id.
    #[serde(deserialize_with = "lenient::word")]
    provider: Option<String>,
    /// `live`, `staging`, `error`, …
    #[serde(deserialize_with = "lenient::word")]
    status: Option<String>,
    /// The provider's own name of the model.
    #[serde(deserialize_with = "lenient::word")]
    provider_id: Option<String>,
    /// `conversational`, `text-generation`, …
    #[serde(deserialize_with = "lenient::word")]
    task: Option<String>,
    /// Whether the provider made the model.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::flag")]
    is_model_author: Option<bool>,
}

/// Both forms, in their order; whatever is no object in them is passed over.
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
