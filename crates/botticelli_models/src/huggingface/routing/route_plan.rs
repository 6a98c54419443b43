//! What is known of a call before it is made: under which name the model is asked, where, and who will serve it.

use crate::huggingface::catalog::provider_mapping::{ProviderMappings, named_by};
use crate::huggingface::driver::DriverSettings;
use crate::huggingface::routing::model_route::{ModelRoute, ProviderPolicy};
use crate::huggingface::routing::provider_route::{Naming, ProviderRoute};
use crate::huggingface::routing::provider_selection::{Requirements, SelectionMode, choose};
use botticelli_core::RoutingDecision;
use botticelli_error::BotticelliError;
use reqwest::Url;

/// The way of one call.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct RoutePlan {
    /// The model, as the caller asks for it.
    pub(in crate::huggingface) requested_model: String,
    /// The model, as the server is asked for it.
    pub(in crate::huggingface) model: String,
    pub(in crate::huggingface) url: Url,
    /// Who will serve it, where that is known.
    pub(in crate::huggingface) served_by: Option<String>,
    /// Who was chosen, and why; `None` where nobody was.
    pub(in crate::huggingface) routing: Option<RoutingDecision>,
    /// What the caller should know, though it is no error.
    pub(in crate::huggingface) warnings: Vec<String>,
}

/// A provider that was set, and the Hub, which knows its names.
#[derive(Debug)]
pub(in crate::huggingface) struct FixedProvider {
    pub(in crate::huggingface) provider: ProviderRoute,
    pub(in crate::huggingface) mappings: ProviderMappings,
}

impl RoutePlan {
    /// The way of a call to `model` that `wants` this. Asks the Hub, where a provider's name for it has to be known, and the
    /// catalogue, where not everybody can answer it.
    pub(in crate::huggingface) async fn make(
        shared: &DriverSettings,
        wants: &Requirements,
        model: &str,
    ) -> Result<Self, BotticelliError> {
        let mut plan = Self::begun(shared, model);
        // In boxes: what is rare should make no room in every call.
        if !wants.is_nothing_special() {
            Box::pin(plan.choose(shared, wants)).await?;
        }
        if shared.own_route.is_some() {
            Box::pin(plan.name(shared, model)).await?;
        }
        Ok(plan)
    }

    /// The way of a call that goes on with a text. Nobody is chosen: the catalogue lists chat models alone.
    pub(in crate::huggingface) async fn for_text(
        shared: &DriverSettings,
        model: &str,
    ) -> Result<Self, BotticelliError> {
        Self::make(shared, &Requirements::default(), model).await
    }

    fn begun(shared: &DriverSettings, model: &str) -> Self {
        Self {
            requested_model: model.to_owned(),
            model: model.to_owned(),
            url: shared.endpoint.chat(model),
            served_by: None,
            routing: None,
            warnings: shared.warnings.clone(),
        }
    }

    /// Takes the name that a provider of its own route has for the model.
    async fn name(&mut self, shared: &DriverSettings, model: &str) -> Result<(), BotticelliError> {
        if let Some(FixedProvider { provider, mappings }) = &shared.own_route {
            self.served_by = Some(provider.name().to_owned());
            match provider.naming() {
                Naming::Hub => {}
                Naming::WithoutOpenAi => {
                    model.strip_prefix("openai/").unwrap_or(model).clone_into(&mut self.model);
                }
                Naming::Own => {
                    let named = named_by(provider.name(), model, &mappings.of(model).await?)?;
                    self.model = named.name;
                    self.warnings.extend(named.warning);
                }
            }
        }
        Ok(())
    }

    /// Looks into the catalogue, where the request needs what not everybody offers. Where there is none, the request goes
    /// out as it is.
    async fn choose(&mut self, shared: &DriverSettings, wants: &Requirements) -> Result<(), BotticelliError> {
        let route = match &shared.own_route {
            Some(own) => {
                ModelRoute::new(&*self.model, ProviderPolicy::Provider(own.provider.name().to_owned()))
            }
            None => self.model.parse(),
        };
        // On a server that is not the router, the name may be none of the router's.
        let Ok(route) = route else { return Ok(()) };
        if route.route().is_pinned() && shared.choosing == SelectionMode::Unpinned {
            return Ok(());
        }
        let models = match shared.catalog.for_choice().await {
            Ok(models) => models,
            Err(error) => {
                self.warnings
                    .push(format!("no provider was chosen, because the catalogue is missing: {error}"));
                return Ok(());
            }
        };
        let decision = choose(&route, wants, &models)?;
        self.warnings.extend(decision.warning);
        self.warnings.extend(shared.catalog.staleness());
        if let Some((provider, routing)) = decision.chosen {
            routing.model().clone_into(&mut self.model);
            self.served_by = Some(provider);
            self.routing = Some(routing);
        }
        Ok(())
    }
}
