//! Which model goes on with a text.

use crate::catalog::{Served, any_served_as, find, find_base};
use crate::chat::{HF_INFERENCE, Site, Way};
use crate::error_response;
use crate::script::Script;

/// The model of a call: a base model, or one that chats as well.
pub(super) fn serve(site: &Site, asked: &str) -> Result<Served, Script> {
    match &site.way {
        Way::By { provider, .. } => {
            any_served_as(provider, asked).ok_or_else(|| error_response::not_by_provider(provider))
        }
        Way::Hosted(id) => hosted(id),
        Way::Chosen => {
            let (id, provider) =
                asked.split_once(':').map_or((asked, None), |(id, suffix)| (id, Some(suffix)));
            let Some(model) = find_base(id) else {
                return site.chosen(asked);
            };
            let chosen = match provider {
                None | Some("fastest" | "cheapest" | "preferred") => model.providers.first(),
                Some(name) => model.provider(name),
            };
            let provider =
                chosen.ok_or_else(|| error_response::not_by_provider(provider.unwrap_or_default()))?;
            Ok(Served { model, provider })
        }
    }
}

fn hosted(id: &str) -> Result<Served, Script> {
    let model = find_base(id).or_else(|| find(id)).ok_or_else(|| error_response::no_such_entry(id))?;
    let provider =
        model.provider(HF_INFERENCE).ok_or_else(|| error_response::not_by_provider(HF_INFERENCE))?;
    Ok(Served { model, provider })
}
