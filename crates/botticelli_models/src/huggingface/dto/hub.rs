//! Who serves a model under which name, from the Hub: `/api/models/{id}?expand[]=inferenceProviderMapping`.

use super::lenient;
use derive_getters::Getters;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What the Hub says of a model.
#[derive(Clone, Debug, Default, PartialEq, Getters)]
pub struct HuggingFaceHubModel {
    /// The name on the Hub.
    id: Option<String>,
    /// Who serves it, in the user's order: an object by provider on the route of one model, a list on that of many;
    /// null or missing where nobody does.
    inference_provider_mapping: Vec<HuggingFaceMapping>,
}

lenient::read_object! {
    HuggingFaceHubModel {
        id: Option<String> = lenient::word, "id";
        inference_provider_mapping: Vec<HuggingFaceMapping> = mapping, "inferenceProviderMapping";
    }
}

/// One who serves a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Getters)]
pub struct HuggingFaceMapping {
    /// The provider's id.
    provider: Option<String>,
    /// `live`, `staging`, `error`, …
    status: Option<String>,
    /// The provider's own name of the model.
    provider_id: Option<String>,
    /// `conversational`, `text-generation`, …
    task: Option<String>,
    /// Whether the provider made the model.
    #[getter(copy)]
    is_model_author: Option<bool>,
}

lenient::read_object! {
    HuggingFaceMapping {
        provider: Option<String> = lenient::word, "provider";
        status: Option<String> = lenient::word, "status";
        provider_id: Option<String> = lenient::word, "providerId";
        task: Option<String> = lenient::word, "task";
        is_model_author: Option<bool> = lenient::flag, "isModelAuthor";
    }
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
