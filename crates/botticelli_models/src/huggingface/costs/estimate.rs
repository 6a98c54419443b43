//! Upper bounds of what a request costs, and routes on which it costs less.

use crate::huggingface::client::chat_form::ChatForm;
use crate::huggingface::client::prepared_request::within;
use crate::huggingface::costs::price_source::PriceSource;
use crate::huggingface::costs::token_bounds::TokenBounds;
use crate::huggingface::routing::provider_selection::{Requirements, SelectionMode};
use crate::huggingface::settings::DriverSettings;
use botticelli_core::{
    Compatibility, CostEstimate, GenerateRequest, ModelFilter, ModelInfo, Price, PricedRoute,
    ProviderListing, Timeouts, Usage,
};
use botticelli_error::BotticelliError;
use std::sync::Arc;

/// A request before it is sent: its model with its route, its size, and the features that not every provider supports.
pub(in crate::huggingface) struct Prospect {
    pub(in crate::huggingface) model: String,
    pub(in crate::huggingface) bounds: TokenBounds,
    pub(in crate::huggingface) requirements: Requirements,
    /// The timeouts of the request.
    pub(in crate::huggingface) timeouts: Option<Timeouts>,
}

/// Maximum number of cheaper routes.
const MAX_ROUTES: usize = 5;

impl Prospect {
    /// Returns a chat that is not sent yet.
    pub(in crate::huggingface) fn chat(
        settings: &DriverSettings,
        request: &GenerateRequest,
        mode: SelectionMode,
    ) -> Result<Self, BotticelliError> {
        ChatForm::read(settings, request, |form| {
            let requirements = Requirements::of(request, form.max_tokens, mode);
            let (model, bounds) = (form.dto.model().clone(), TokenBounds::of_chat(&form.dto));
            Ok(Self { model, bounds, requirements, timeouts: request.timeouts() })
        })
    }

    /// Returns the upper bound for the cost of the request, at the most expensive provider that may serve it.
    ///
    /// Fetches the catalog if the bound depends on it. Nothing else is sent.
    pub(in crate::huggingface) async fn estimate(
        &self,
        settings: &DriverSettings,
    ) -> Result<CostEstimate, BotticelliError> {
        let source = settings.price_source;
        let needs_context = !self.bounds.has_limit() && self.bounds.has_prompt();
        let needs_catalog = match source {
            PriceSource::Catalog => true,
            PriceSource::Fixed(_) => needs_context && settings.endpoint.address().is_router(),
            PriceSource::Free | PriceSource::Unknown => false,
        };
        if !needs_catalog {
            return Ok(bound(source, &[self.bounds.usage(None)]));
        }
        let models = self.catalog(settings).await?;
        let model = find(&models, settings, &self.model);
        let providers = model.map(|model| self.eligible(settings, model)).unwrap_or_default();
        if providers.is_empty() {
            return Ok(bound(source, &[self.bounds.usage(None)]));
        }
        let usages: Vec<_> =
            providers.iter().map(|provider| self.bounds.usage(provider.context_length)).collect();
        Ok(match source {
            PriceSource::Catalog => at_dearest(&providers, &usages),
            _ => bound(source, &usages),
        })
    }

    /// Returns routes on which the request costs at most `limit`: live providers of the same model, then the cheapest provider of each
    /// other model that supports the request.
    pub(in crate::huggingface) async fn cheaper_routes(
        &self,
        settings: &DriverSettings,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        // A driver with a fixed price or a fixed provider cannot use another route.
        if settings.price_source != PriceSource::Catalog || settings.fixed_provider.is_some() {
            return Ok(Vec::new());
        }
        let models = self.catalog(settings).await?;
        let filter = self.requirements.filter();
        let chosen = settings.chosen_provider(&self.model);
        let name = settings.endpoint.catalog_name(&self.model);
        let (same, others): (Vec<_>, Vec<_>) = models.iter().partition(|model| model.id == name);
        let same = same.into_iter().flat_map(|model| {
            let mut routes = self.routes(&filter, model, limit);
            routes.retain(|(provider, _)| Some(provider.name.as_str()) != chosen);
            routes.into_iter().map(move |(provider, cost)| (model, provider, cost))
        });
        let mut others: Vec<_> = others
            .into_iter()
            .filter(|model| writes_text(model))
            .filter_map(|model| {
                let (provider, cost) = self.routes(&filter, model, limit).into_iter().next()?;
                Some((model, provider, cost))
            })
            .collect();
        others.sort_by_key(|(.., cost)| *cost);
        let route = |(model, provider, cost): (&ModelInfo, &ProviderListing, u64)| {
            PricedRoute::new(format!("{}:{}", model.id, provider.name), cost)
        };
        Ok(same.chain(others).map(route).take(MAX_ROUTES).collect())
    }

    /// Returns the providers of `model` that support the request and cost at most `limit`, the cheapest first.
    fn routes<'m>(
        &self,
        filter: &ModelFilter,
        model: &'m ModelInfo,
        limit: u64,
    ) -> Vec<(&'m ProviderListing, u64)> {
        let able =
            model.providers.iter().filter(|provider| filter.fit(model, provider) == Compatibility::Yes);
        let mut routes: Vec<_> = able
            .filter_map(|provider| {
                let usage = self.bounds.usage(provider.context_length)?;
                // A prompt that exceeds the context is rejected.
                let is_too_long =
                    provider.context_length.zip(usage.prompt_tokens()).is_some_and(|(most, n)| n > most);
                let cost = provider.price?.cost(&usage).nano_dollars()?;
                (cost <= limit && !is_too_long).then_some((provider, cost))
            })
            .collect();
        routes.sort_by_key(|(_, cost)| *cost);
        routes
    }

    /// Returns the catalog, within the time of the call. A failed fetch is not repeated for a minute.
    async fn catalog(&self, settings: &DriverSettings) -> Result<Arc<[ModelInfo]>, BotticelliError> {
        let deadline = settings.deadline(self.timeouts);
        within(settings, &deadline, settings.catalog.for_selection()).await
    }

    /// Returns the providers that may serve the request: the chosen provider, or all providers that may be live and may support
    /// the request.
    fn eligible<'m>(&self, settings: &DriverSettings, model: &'m ModelInfo) -> Vec<&'m ProviderListing> {
        let chosen = settings.chosen_provider(&self.model);
        let filter = self.requirements.filter();
        let is_users_order = self.model.ends_with(":preferred");
        let may_serve = |provider: &&ProviderListing| match chosen {
            Some(chosen) => provider.name == chosen,
            // The account's settings decide, whatever the provider supports.
            None if is_users_order => true,
            None => filter.fit(model, provider) != Compatibility::No,
        };
        model.providers.iter().filter(may_serve).collect()
    }
}

fn find<'m>(models: &'m [ModelInfo], settings: &DriverSettings, model: &str) -> Option<&'m ModelInfo> {
    let name = settings.endpoint.catalog_name(model);
    models.iter().find(|model| model.id == name)
}

/// Returns the bound at the dearest provider. The estimate is unknown if one of the providers has no price or no bound in tokens.
fn at_dearest(providers: &[&ProviderListing], usages: &[Option<Usage>]) -> CostEstimate {
    let costs = providers.iter().zip(usages).map(|(provider, usage)| cost(provider.price, usage.as_ref()));
    estimate(largest(costs), usages)
}

/// Returns the bound if the price does not depend on the provider.
fn bound(source: PriceSource, usages: &[Option<Usage>]) -> CostEstimate {
    let costs = usages.iter().map(|usage| match source {
        PriceSource::Free => Some(0),
        PriceSource::Fixed(price) => cost(Some(price), usage.as_ref()),
        PriceSource::Catalog | PriceSource::Unknown => None,
    });
    estimate(largest(costs), usages)
}

/// Returns the largest amount. `None` if one of them is unknown, and without any.
fn largest(amounts: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    amounts.reduce(|ours, theirs| Some(ours?.max(theirs?))).flatten()
}

fn cost(price: Option<Price>, usage: Option<&Usage>) -> Option<u64> {
    match price? {
        free if free == Price::default() => Some(0),
        price => price.cost(usage?).nano_dollars(),
    }
}

fn estimate(nano_dollars: Option<u64>, usages: &[Option<Usage>]) -> CostEstimate {
    let most = largest(usages.iter().map(|usage| usage.as_ref()?.total_tokens()));
    nano_dollars.map_or(CostEstimate::unknown(), CostEstimate::at_most).with_tokens(most)
}

fn writes_text(model: &ModelInfo) -> bool {
    model.output_modalities.is_empty() || model.output_modalities.iter().any(|modality| modality == "text")
}
