//! Selects a provider that supports a request from the catalog, before the request is sent.

use crate::huggingface::PROVIDER;
use crate::huggingface::routing::model_route::{ModelRoute, ProviderPolicy};
use botticelli_core::{
    Compatibility, GenerateRequest, Input, Message, ModelFilter, ModelInfo, ModelMatch, ProviderListing,
    ResponseFormat, RoutingDecision, SearchOrder,
};
use botticelli_error::{BotticelliError, ErrorDetails, HuggingFaceErrorKind, ModelsError, ModelsErrorKind};

/// The conditions under which the driver selects a provider for a request with requirements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum SelectionMode {
    /// The driver selects no provider.
    Off,
    /// The driver selects a provider if the caller names none.
    Unpinned,
    /// The same as `Unpinned`, and the driver also checks a provider that the caller names.
    Checked,
}

/// The features of a request that not every provider supports.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct Requirements(Vec<ModelFilter>);

/// The result of a provider selection.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct Selection {
    /// The selected provider and the reason; `None` leaves the request unchanged.
    pub(in crate::huggingface) selected: Option<(String, RoutingDecision)>,
    /// A warning for the caller.
    pub(in crate::huggingface) warning: Option<String>,
}

/// Context length in tokens that all providers of chat models support, except for a few small models.
const COMMON_CONTEXT: u64 = 8_192;

/// Maximum number of characters per token in ordinary text. A smaller number could overestimate the tokens of a prompt, so that the
/// driver would reject a prompt that fits.
const CHARACTERS_PER_TOKEN: usize = 8;

impl Requirements {
    /// Returns the requirements of a request with this token limit.
    pub(in crate::huggingface) fn of(
        request: &GenerateRequest,
        max_tokens: Option<u32>,
        mode: SelectionMode,
    ) -> Self {
        if mode == SelectionMode::Off {
            return Self::default();
        }
        let inputs = || request.messages().iter().flat_map(Message::content);
        let tokens_for = |size: fn(&str) -> usize| {
            let sizes = inputs().map(|input| match input {
                Input::Text(text) | Input::ToolResult { content: text, .. } => size(text),
                _ => 0,
            });
            let prompt = u64::try_from(sizes.sum::<usize>() / CHARACTERS_PER_TOKEN).unwrap_or(u64::MAX);
            prompt.saturating_add(max_tokens.map_or(0, u64::from))
        };
        // A text has at least as many bytes as characters, so most requests need no count of characters.
        let mut tokens = tokens_for(str::len);
        if tokens > COMMON_CONTEXT {
            tokens = tokens_for(|text| text.chars().count());
        }
        let requirements = [
            (!request.tools().is_empty(), ModelFilter::new().with_tools()),
            (
                matches!(request.response_format(), Some(ResponseFormat::JsonSchema(_))),
                ModelFilter::new().with_schema(),
            ),
            (inputs().any(|input| matches!(input, Input::Image(_))), ModelFilter::new().with_images()),
            (tokens > COMMON_CONTEXT, ModelFilter::new().with_context_length(tokens)),
        ];
        Self(
            requirements
                .into_iter()
                .filter(|(is_required, _)| *is_required)
                .map(|(_, filter)| filter)
                .collect(),
        )
    }

    pub(in crate::huggingface) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the filter for live providers that support the request.
    pub(in crate::huggingface) fn filter(&self) -> ModelFilter {
        self.0.iter().fold(ModelFilter::new(), ModelFilter::and)
    }

    fn names(&self) -> String {
        self.filter().abilities().join(", ")
    }

    /// Returns the requirements that none of `providers` supports; all of them, if only the combination is unsupported.
    fn missing<'p>(
        &self,
        model: &ModelInfo,
        providers: &(impl Iterator<Item = &'p ProviderListing> + Clone),
    ) -> Vec<String> {
        let is_missing = |filter: &&ModelFilter| {
            providers.clone().all(|provider| filter.fit(model, provider) == Compatibility::No)
        };
        let missing: Vec<_> = self.0.iter().filter(is_missing).flat_map(ModelFilter::abilities).collect();
        if missing.is_empty() { self.filter().abilities() } else { missing }
    }
}

/// Selects a provider of the model for a request with these requirements. Returns an error if no provider in the catalog supports
/// the requirements.
///
/// If the catalog does not list the model or the provider, the router decides, and the caller gets a warning.
pub(in crate::huggingface) fn select_provider(
    route: &ModelRoute,
    requirements: &Requirements,
    models: &[ModelInfo],
) -> Result<Selection, BotticelliError> {
    let unknown = |what: String| {
        let names = requirements.names();
        let warning = format!("no provider was selected for {names}, because the catalog lists {what}");
        Ok(Selection { selected: None, warning: Some(warning) })
    };
    let Some(model) = models.iter().find(|model| model.id == route.id()) else {
        return unknown(format!("no model {}", route.id()));
    };
    let filter = requirements.filter();
    if let ProviderPolicy::Provider(name) = route.route() {
        let filter = filter.with_any_status();
        let Some(provider) = model.providers.iter().find(|provider| provider.name == *name) else {
            return unknown(format!("no {name} for {}", route.id()));
        };
        if filter.fit(model, provider) == Compatibility::No {
            return Err(capability_missing(
                Some(name),
                model,
                requirements.missing(model, &std::iter::once(provider)),
                &filter,
                models,
            ));
        }
        return Ok(Selection::default());
    }
    let live = model
        .providers
        .iter()
        .filter(|provider| ModelFilter::new().fit(model, provider) != Compatibility::No);
    if live.clone().next().is_none() {
        return unknown(format!("no live provider of {}", route.id()));
    }
    let (order, word) = match route.route() {
        ProviderPolicy::Cheapest => (SearchOrder::Price, "cheapest"),
        _ => (SearchOrder::Throughput, "fastest"),
    };
    let offers = filter.clone().with_order(order).with_unknown().search(std::slice::from_ref(model));
    let Some(first) = offers.first() else {
        return Err(capability_missing(None, model, requirements.missing(model, &live), &filter, models));
    };
    if *route.route() == ProviderPolicy::Preferred {
        return Ok(Selection::default());
    }
    let certain =
        offers.iter().filter(|offer| filter.fit(model, &offer.provider) == Compatibility::Yes).count();
    let (names, name) = (requirements.names(), first.provider.name.clone());
    let (reason, warning) = if certain > 0 {
        (format!("the {word} of {certain} that offer {names}"), None)
    } else {
        let reason =
            format!("the {word} of {} providers, none of which is known to offer {names}", offers.len());
        (reason, Some(format!("the catalog does not say whether {name} offers {names}")))
    };
    let routing = RoutingDecision::new(first.route(), reason);
    Ok(Selection { selected: Some((name, routing)), warning })
}

/// Maximum number of alternatives in an error message.
const MAX_ALTERNATIVES: usize = 3;

fn capability_missing(
    provider: Option<&str>,
    model: &ModelInfo,
    missing: Vec<String>,
    filter: &ModelFilter,
    models: &[ModelInfo],
) -> BotticelliError {
    let filter = filter.clone().with_live_status();
    let mut able: Vec<String> =
        filter.search(std::slice::from_ref(model)).iter().map(ModelMatch::route).collect();
    if able.is_empty() {
        // Other models, each with the cheapest provider that supports the request.
        let mut others: Vec<_> = filter.search(models);
        let mut seen = Vec::new();
        others.retain(|offer| {
            let is_new = !seen.contains(&offer.model);
            seen.push(offer.model.clone());
            is_new
        });
        able = others.iter().map(ModelMatch::route).collect();
    }
    able.truncate(MAX_ALTERNATIVES);
    let mut details = ErrorDetails::new(PROVIDER);
    details.model = Some(model.id.clone());
    let provider = provider.map(str::to_owned);
    let kind = HuggingFaceErrorKind::CapabilityMissing { provider, missing, capable: able };
    ModelsError::new(ModelsErrorKind::HuggingFace(kind), details).into()
}
