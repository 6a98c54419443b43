//! Selection of a provider for a model name.

use std::cmp::Ordering;

use super::entry::{Model, Provider};
use super::list::find;
use super::models::{BASE, MODELS, NOT_CHAT, UNSERVED};
use crate::tasks;

/// A model and the selected provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServedModel {
    pub(crate) model: &'static Model,
    pub(crate) provider: &'static Provider,
}

/// Reason why no provider serves a model.
#[derive(Debug)]
pub(crate) enum SelectionError {
    Unknown,
    NotChat,
    NoProvider,
    /// Not served by the named provider.
    NotBy(String),
}

/// Selects a provider for `org/model`, `org/model:fastest`, `:cheapest`, `:preferred` or
/// `:<provider>`.
pub(crate) fn select_provider(name: &str) -> Result<ServedModel, SelectionError> {
    // Model ids contain no colon.
    let (id, suffix) = name.split_once(':').unwrap_or((name, "fastest"));
    if NOT_CHAT.contains(&id) || tasks::find(id).is_some() {
        return Err(SelectionError::NotChat);
    }
    if UNSERVED.contains(&id) {
        return Err(SelectionError::NoProvider);
    }
    let model = find(id).ok_or(SelectionError::Unknown)?;
    let live = || model.providers.iter().filter(|provider| provider.is_live());
    let provider = match suffix {
        "preferred" => live().next(),
        "fastest" => live()
            .reduce(|best, other| prefer(other.throughput, best.throughput, Ordering::Greater, other, best)),
        "cheapest" => live().reduce(|best, other| {
            prefer(other.output_price(), best.output_price(), Ordering::Less, other, best)
        }),
        // A provider with a failed health check can still be selected by name.
        provider_name => {
            let provider = model.providers.iter().find(|each| each.name == provider_name);
            return provider
                .map(|provider| ServedModel { model, provider })
                .ok_or_else(|| SelectionError::NotBy(provider_name.to_owned()));
        }
    };
    provider.map(|provider| ServedModel { model, provider }).ok_or(SelectionError::NoProvider)
}

/// Returns `other` if its figure is better in the given direction, else `best`. A known figure
/// beats an unknown one. On a tie the earlier provider stays.
fn prefer(
    figure: Option<f64>,
    to_beat: Option<f64>,
    direction: Ordering,
    other: &'static Provider,
    best: &'static Provider,
) -> &'static Provider {
    match (figure, to_beat) {
        (Some(figure), Some(to_beat)) if figure.total_cmp(&to_beat) == direction => other,
        (Some(_), None) => other,
        _ => best,
    }
}

/// Returns the chat model that a provider serves under this provider id.
pub(crate) fn find_by_provider_id(provider: &str, name: &str) -> Option<ServedModel> {
    find_served(MODELS, provider, name)
}

/// Returns the chat or base model that a provider serves under this provider id.
pub(crate) fn find_any_by_provider_id(provider: &str, name: &str) -> Option<ServedModel> {
    find_served(MODELS, provider, name).or_else(|| find_served(BASE, provider, name))
}

fn find_served(models: &'static [Model], provider: &str, name: &str) -> Option<ServedModel> {
    models.iter().find_map(|model| {
        let provider = model.provider(provider).filter(|provider| provider.model_id == name)?;
        Some(ServedModel { model, provider })
    })
}
