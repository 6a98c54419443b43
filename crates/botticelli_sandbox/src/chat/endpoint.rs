//! Where a call came in: it decides how a model is named, and how the answer is spelled.

use crate::catalog::{Served, Unserved, choose, find, find_base, served_as};
use crate::dialects::Dialect;
use crate::error_response;
use crate::script::Script;

/// What text-generation-inference calls whatever it serves, and which model that is here.
const ANY_MODEL: &str = "tgi";
pub(crate) const MODEL_OF_TGI: &str = "meta-llama/Llama-3.1-8B-Instruct";

/// A route, and who answers on it.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) dialect: Dialect,
    pub(crate) way: Way,
}

/// How the model is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By its Hub id, with a suffix or without: the provider is chosen here.
    Chosen,
    /// By the provider's own id.
    By { provider: &'static str, is_direct: bool },
    /// By the Hub id in the path.
    Hosted(String),
}

/// The provider that is called by its Hub ids.
pub(crate) const HF_INFERENCE: &str = "hf-inference";

impl Site {
    /// The provider, if the route names one.
    pub(crate) fn provider(&self) -> Option<&'static str> {
        match &self.way {
            Way::Chosen => None,
            Way::By { provider, .. } => Some(provider),
            Way::Hosted(_) => Some(HF_INFERENCE),
        }
    }

    /// Whether an answer says who served: the router does, a provider does not.
    pub(crate) fn names_provider(&self) -> bool {
        !matches!(self.way, Way::By { is_direct: true, .. })
    }

    /// The model of a chat call.
    pub(super) fn serve(&self, asked: &str) -> Result<Served, Script> {
        match &self.way {
            Way::Chosen => self.chosen(asked),
            Way::By { provider, .. } => {
                served_as(provider, asked).ok_or_else(|| error_response::not_by_provider(provider))
            }
            Way::Hosted(id) => hosted(id),
        }
    }

    /// The chat model of this name, by a provider that is chosen here.
    pub(crate) fn chosen(&self, asked: &str) -> Result<Served, Script> {
        let model = if asked == ANY_MODEL && self.dialect.is_tgi() { MODEL_OF_TGI } else { asked };
        choose(model).map_err(|unserved| match unserved {
            Unserved::Unknown => error_response::unknown_model(asked),
            Unserved::NotChat => error_response::not_a_chat_model(asked),
            Unserved::NoProvider => error_response::served_by_nobody(asked),
            Unserved::NotBy(provider) => error_response::not_by_provider(&provider),
        })
    }
}

/// A chat model that hf-inference runs.
fn hosted(id: &str) -> Result<Served, Script> {
    if find_base(id).is_some() {
        return Err(error_response::typed("Template error: template not found", "template_error"));
    }
    let model = find(id).ok_or_else(|| error_response::no_such_entry(id))?;
    let provider =
        model.provider(HF_INFERENCE).ok_or_else(|| error_response::not_by_provider(HF_INFERENCE))?;
    Ok(Served { model, provider })
}
