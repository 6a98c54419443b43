//! The route of a call: the model's name at its provider, the URL, and the provider.

use crate::huggingface::catalog::provider_mapping::map_model;
use crate::huggingface::routing::fixed_provider::FixedProvider;
use crate::huggingface::routing::model_route::{ModelRoute, ProviderPolicy};
use crate::huggingface::routing::provider_route::ModelNaming;
use crate::huggingface::routing::provider_selection::{Requirements, SelectionMode, select_provider};
use crate::huggingface::settings::DriverSettings;
use crate::transport::Target;
use botticelli_core::RoutingDecision;
use botticelli_error::BotticelliError;
use std::sync::Arc;

/// The route of one call.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct RoutePlan {
    /// The model, as the caller names it.
    pub(in crate::huggingface) requested_model: Arc<str>,
    /// The model, as the server names it.
    pub(in crate::huggingface) model: Arc<str>,
    pub(in crate::huggingface) target: Target,
    /// The provider, if it is known.
    pub(in crate::huggingface) served_by: Option<String>,
    /// The selected provider and the reason; `None` if the driver selected none.
    pub(in crate::huggingface) routing: Option<RoutingDecision>,
    /// Warnings for the caller.
    pub(in crate::huggingface) warnings: Vec<String>,
}

impl RoutePlan {
    /// Plans a call to `model`.
    ///
    /// Queries the Hub if the provider has its own name for the model, and the catalog if the request has requirements.
    pub(in crate::huggingface) async fn make(
        settings: &DriverSettings,
        requirements: &Requirements,
        model: &Arc<str>,
    ) -> Result<Self, BotticelliError> {
        let mut plan = Self::new(settings, model);
        if !requirements.is_empty() {
            plan.select_provider(settings, requirements).await?;
        }
        plan.name_model(settings, model).await?;
        Ok(plan)
    }

    /// Plans a call to `model` for which the Hub and the catalog are not needed; `None` if they are.
    pub(in crate::huggingface) fn without_lookup(
        settings: &DriverSettings,
        requirements: &Requirements,
        model: &Arc<str>,
    ) -> Option<Self> {
        let needs_lookup = !requirements.is_empty() || settings.fixed_provider.is_some();
        (!needs_lookup).then(|| Self::new(settings, model))
    }

    /// Plans a text completion. No provider is selected, because the catalog lists only chat models.
    pub(in crate::huggingface) async fn for_text(
        settings: &DriverSettings,
        model: &Arc<str>,
    ) -> Result<Self, BotticelliError> {
        Self::make(settings, &Requirements::default(), model).await
    }

    fn new(settings: &DriverSettings, model: &Arc<str>) -> Self {
        Self {
            requested_model: model.clone(),
            model: model.clone(),
            target: settings.endpoint.chat(model),
            served_by: None,
            routing: None,
            warnings: settings.warnings.clone(),
        }
    }

    /// Sets the name that the fixed provider has for the model.
    async fn name_model(&mut self, settings: &DriverSettings, model: &str) -> Result<(), BotticelliError> {
        if let Some(FixedProvider { provider, mappings }) = &settings.fixed_provider {
            self.served_by = Some(provider.name().to_owned());
            match provider.model_naming() {
                ModelNaming::Hub => {}
                ModelNaming::WithoutOpenAi => {
                    self.model = model.strip_prefix("openai/").unwrap_or(model).into();
                }
                ModelNaming::Mapped => {
                    let mapped = map_model(provider.name(), model, &mappings.of(model).await?)?;
                    self.model = mapped.name.into();
                    self.warnings.extend(mapped.warning);
                }
            }
        }
        Ok(())
    }

    /// Selects a provider from the catalog. Without a catalog the request is sent unchanged.
    async fn select_provider(
        &mut self,
        settings: &DriverSettings,
        requirements: &Requirements,
    ) -> Result<(), BotticelliError> {
        let route = match &settings.fixed_provider {
            Some(fixed) => {
                ModelRoute::new(&*self.model, ProviderPolicy::Provider(fixed.provider.name().to_owned()))
            }
            None => self.model.parse(),
        };
        // The model names of other servers need not follow the router's format.
        let Ok(route) = route else { return Ok(()) };
        if route.route().is_pinned() && settings.selection_mode == SelectionMode::Unpinned {
            return Ok(());
        }
        let models = match settings.catalog.for_selection().await {
            Ok(models) => models,
            Err(error) => {
                self.warnings.push(format!(
                    "no provider was selected, because the catalog could not be fetched: {error}"
                ));
                return Ok(());
            }
        };
        let selection = select_provider(&route, requirements, &models)?;
        self.warnings.extend(selection.warning);
        self.warnings.extend(settings.catalog.staleness());
        if let Some((provider, routing)) = selection.selected {
            self.model = routing.model().into();
            self.served_by = Some(provider);
            self.routing = Some(routing);
        }
        Ok(())
    }
}
