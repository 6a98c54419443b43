//! Where a call came in: it decides how a model is named, and how the answer is spelled.

use crate::catalog::{SelectionError, ServedModel, find, find_base, find_by_provider_id, select_provider};
use crate::dialects::Dialect;
use crate::error_response;
use crate::script::Script;

/// What text-generation-inference calls whatever it serves, and which model that is here.
const ANY_MODEL: &str = "tgi";
pub(crate) const MODEL_OF_TGI: &str = "meta-llama/Llama-3.1-8B-Instruct";

/// A route, and who answers on it.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) dialect: Dialect,
    pub(crate) lookup: ModelLookup,
}

/// How the model is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ModelLookup {
    /// By its Hub id, with a suffix or without: the provider is chosen here.
    HubId,
    /// By the provider's own id.
    ProviderId { provider: &'static str, is_direct: bool },
    /// By the Hub id in the path.
    Path(String),
}

/// The provider that is called by its Hub ids.
pub(crate) const HF_INFERENCE: &str = "hf-inference";

impl Endpoint {
    /// The provider, if the route names one.
    pub(crate) fn provider(&self) -> Option<&'static str> {
        match &self.lookup {
            ModelLookup::HubId => None,
            ModelLookup::ProviderId { provider, .. } => Some(provider),
            ModelLookup::Path(_) => Some(HF_INFERENCE),
        }
    }

    /// Whether an answer says who served: the router does, a provider does not.
    pub(crate) fn names_provider(&self) -> bool {
        !matches!(self.lookup, ModelLookup::ProviderId { is_direct: true, .. })
    }

    /// The model of a chat call.
    pub(super) fn resolve_chat_model(&self, name: &str) -> Result<ServedModel, Script> {
        match &self.lookup {
            ModelLookup::HubId => self.select_chat_model(name),
            ModelLookup::ProviderId { provider, .. } => {
                find_by_provider_id(provider, name).ok_or_else(|| error_response::not_by_provider(provider))
            }
            ModelLookup::Path(id) => resolve_in_path(id),
        }
    }

    /// The chat model of this name, by a provider that is chosen here.
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

/// A chat model that hf-inference runs.
fn resolve_in_path(id: &str) -> Result<ServedModel, Script> {
    if find_base(id).is_some() {
        return Err(error_response::typed("Template error: template not found", "template_error"));
    }
    let model = find(id).ok_or_else(|| error_response::no_such_model(id))?;
    let provider =
        model.provider(HF_INFERENCE).ok_or_else(|| error_response::not_by_provider(HF_INFERENCE))?;
    Ok(ServedModel { model, provider })
}
