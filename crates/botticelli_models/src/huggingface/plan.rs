//! What is known of a call before it is made: under which name the model is asked, where, and who will serve it.

use super::driver::Shared;
use super::mapping::{Mappings, named_by};
use super::provider_route::{Naming, ProviderRoute};
use botticelli_error::BotticelliError;
use reqwest::Url;

/// The way of one call.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The model, as the caller asks for it.
    pub(super) requested_model: String,
    /// The model, as the server is asked for it.
    pub(super) model: String,
    pub(super) url: Url,
    /// Who will serve it, where that is known.
    pub(super) served_by: Option<String>,
    /// What the caller should know, though it is no error.
    pub(super) warnings: Vec<String>,
}

/// A provider that was set, and the Hub, which knows its names.
#[derive(Debug)]
pub(super) struct OwnRoute {
    pub(super) provider: ProviderRoute,
    pub(super) mappings: Mappings,
}

impl Plan {
    /// The way of a call to `model`. Asks the Hub, where a provider's name for it has to be known.
    pub(super) async fn make(shared: &Shared, model: &str) -> Result<Self, BotticelliError> {
        let mut plan = Self {
            requested_model: model.to_owned(),
            model: model.to_owned(),
            url: shared.endpoint.chat(model),
            served_by: None,
            warnings: shared.warnings.clone(),
        };
        if let Some(OwnRoute { provider, mappings }) = &shared.own_route {
            plan.served_by = Some(provider.name().to_owned());
            match provider.naming() {
                Naming::Hub => {}
                Naming::WithoutOpenAi => {
                    plan.model = model.strip_prefix("openai/").unwrap_or(model).to_owned();
                }
                Naming::Own => {
                    let named = named_by(provider.name(), model, &mappings.of(model).await?)?;
                    plan.model = named.name;
                    plan.warnings.extend(named.warning);
                }
            }
        }
        Ok(plan)
    }
}
