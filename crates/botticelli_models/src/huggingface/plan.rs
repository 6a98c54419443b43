//! What is known of a call before it is made: under which name the model is asked, where, and who will serve it.

use super::choice::{Choosing, Wants, choose};
use super::driver::Shared;
use super::mapping::{Mappings, named_by};
use super::model_route::{ModelRoute, Route};
use super::provider_route::{Naming, ProviderRoute};
use botticelli_core::Routing;
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
    /// Who was chosen, and why; `None` where nobody was.
    pub(super) routing: Option<Routing>,
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
    /// The way of a call to `model` that `wants` this. Asks the Hub, where a provider's name for it has to be known, and the
    /// catalogue, where not everybody can answer it.
    pub(super) async fn make(shared: &Shared, wants: &Wants, model: &str) -> Result<Self, BotticelliError> {
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
    pub(super) async fn for_text(shared: &Shared, model: &str) -> Result<Self, BotticelliError> {
        Self::make(shared, &Wants::default(), model).await
    }

    fn begun(shared: &Shared, model: &str) -> Self {
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
    async fn name(&mut self, shared: &Shared, model: &str) -> Result<(), BotticelliError> {
        if let Some(OwnRoute { provider, mappings }) = &shared.own_route {
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
    async fn choose(&mut self, shared: &Shared, wants: &Wants) -> Result<(), BotticelliError> {
        let route = match &shared.own_route {
            Some(own) => ModelRoute::new(&*self.model, Route::Provider(own.provider.name().to_owned())),
            None => self.model.parse(),
        };
        // On a server that is not the router, the name may be none of the router's.
        let Ok(route) = route else { return Ok(()) };
        if route.route().is_pinned() && shared.choosing == Choosing::Unpinned {
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
