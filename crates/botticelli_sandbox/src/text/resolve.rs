//! Model lookup for text completion.

use crate::catalog::{ServedModel, find, find_any_by_provider_id, find_base};
use crate::chat::{Endpoint, HF_INFERENCE, ModelLookup};
use crate::error_response;
use crate::script::Script;

/// Returns the model of a call. Both base and chat models complete text.
pub(super) fn resolve_model(endpoint: &Endpoint, name: &str) -> Result<ServedModel, Script> {
    match &endpoint.lookup {
        ModelLookup::ProviderId { provider, .. } => {
            find_any_by_provider_id(provider, name).ok_or_else(|| error_response::not_by_provider(provider))
        }
        ModelLookup::Path(id) => resolve_in_path(id),
        ModelLookup::HubId => {
            let (id, provider) = name.split_once(':').map_or((name, None), |(id, suffix)| (id, Some(suffix)));
            let Some(model) = find_base(id) else {
                return endpoint.select_chat_model(name);
            };
            let selected = match provider {
                None | Some("fastest" | "cheapest" | "preferred") => model.providers.first(),
                Some(provider) => model.provider(provider),
            };
            let provider =
                selected.ok_or_else(|| error_response::not_by_provider(provider.unwrap_or_default()))?;
            Ok(ServedModel { model, provider })
        }
    }
}

fn resolve_in_path(id: &str) -> Result<ServedModel, Script> {
    let model = find_base(id).or_else(|| find(id)).ok_or_else(|| error_response::no_such_model(id))?;
    let provider =
        model.provider(HF_INFERENCE).ok_or_else(|| error_response::not_by_provider(HF_INFERENCE))?;
    Ok(ServedModel { model, provider })
}
