//! Endpoints of model calls.

use crate::catalog::{SelectionError, ServedModel, find, find_base, find_by_provider_id, select_provider};
use crate::dialects::Dialect;
use crate::error_response;
use crate::script::Script;

/// Model name for the only model of a text-generation-inference server, and the model it resolves
/// to.
const ANY_MODEL: &str = "tgi";
pub(crate) const MODEL_OF_TGI: &str = "meta-llama/Llama-3.1-8B-Instruct";

/// Endpoint of a call. It determines the model lookup and the response format.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) dialect: Dialect,
    pub(crate) lookup: ModelLookup,
}

/// Lookup of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ModelLookup {
    /// By Hub id with an optional suffix. The sandbox selects the provider.
    HubId,
    /// By the provider's own model id.
    ProviderId { provider: &'static str, is_direct: bool },
    /// By the Hub id in the path. The body may omit the model.
    Path(String),
}

/// The provider that uses Hub ids.
pub(crate) const HF_INFERENCE: &str = "hf-inference";

impl Endpoint {
    /// Returns the provider if the route names one.
    pub(crate) fn provider(&self) -> Option<&'static str> {
        match &self.lookup {
            ModelLookup::HubId => None,
            ModelLookup::ProviderId { provider, .. } => Some(provider),
            ModelLookup::Path(_) => Some(HF_INFERENCE),
        }
    }

    /// Returns whether the response names the provider. Only routed calls do.
    pub(crate) fn names_provider(&self) -> bool {
        !matches!(self.lookup, ModelLookup::ProviderId { is_direct: true, .. })
    }

    /// Returns the model of a chat call.
    pub(super) fn resolve_chat_model(&self, name: &str) -> Result<ServedModel, Script> {
        match &self.lookup {
            ModelLookup::HubId => self.select_chat_model(name),
            ModelLookup::ProviderId { provider, .. } => {
                find_by_provider_id(provider, name).ok_or_else(|| error_response::not_by_provider(provider))
            }
            ModelLookup::Path(id) => resolve_in_path(id),
        }
    }

    /// Returns the chat model with this Hub id and a provider that the sandbox selects.
    pub(crate) fn select_chat_model(&self, name: &str) -> Result<ServedModel, Script> {
        let model = if name == ANY_MODEL && self.dialect.is_tgi() { MODEL_OF_TGI } else { name };
        select_provider(model).map_err(|error| match error {
            SelectionError::Unknown => error_response::unknown_model(name),
            SelectionError::NotChat => error_response::not_a_chat_model(name),
            SelectionError::NoProvider => error_response::no_provider(name),
            SelectionError::NotBy(provider) => error_response::not_by_provider(&provider),
        })
    }
}

/// Returns a chat model that hf-inference serves.
fn resolve_in_path(id: &str) -> Result<ServedModel, Script> {
    if find_base(id).is_some() {
        return Err(error_response::typed("Template error: template not found", "template_error"));
    }
    let model = find(id).ok_or_else(|| error_response::no_such_model(id))?;
    let provider =
        model.provider(HF_INFERENCE).ok_or_else(|| error_response::not_by_provider(HF_INFERENCE))?;
    Ok(ServedModel { model, provider })
}
