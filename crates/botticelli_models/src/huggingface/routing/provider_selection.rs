//! Who can answer a request, of those who serve its model: chosen from the catalogue, before anything is sent.

use crate::huggingface::PROVIDER;
use crate::huggingface::routing::model_route::{ModelRoute, ProviderPolicy};
use botticelli_core::{
    Compatibility, GenerateRequest, Input, Message, ModelFilter, ModelInfo, ModelMatch, ProviderListing,
    ResponseFormat, RoutingDecision, SearchOrder,
};
use botticelli_error::{BotticelliError, ErrorDetails, HuggingFaceErrorKind, ModelsError, ModelsErrorKind};

/// Whether a provider is chosen for requests that not everybody can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum SelectionMode {
    /// Never: the request goes out as it is.
    Off,
    /// Where the caller names no provider.
    Unpinned,
    /// The same; and a provider that the caller names is checked.
    Checked,
}

/// What a request needs that not everybody offers.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct Requirements(Vec<ModelFilter>);

/// What came of a look into the catalogue.
#[derive(Clone, Debug, Default)]
pub(in crate::huggingface) struct Selection {
    /// Who was chosen, and why; `None` leaves the request as it is.
    pub(in crate::huggingface) chosen: Option<(String, RoutingDecision)>,
    /// What the caller should know, though it is no error.
    pub(in crate::huggingface) warning: Option<String>,
}

/// Every provider of a chat model takes so many tokens, but for a few small models.
const ORDINARY: u64 = 8_192;

/// The most characters of a token in ordinary text: with fewer the count would be a guess, and refuse what fits.
const CHARACTERS: usize = 8;

impl Requirements {
    pub(in crate::huggingface) fn of(request: &GenerateRequest, mode: SelectionMode) -> Self {
        if mode == SelectionMode::Off {
            return Self::default();
        }
        let inputs = || request.messages().iter().flat_map(Message::content);
        let characters: usize = inputs()
            .map(|input| match input {
                Input::Text(text) | Input::ToolResult { content: text, .. } => text.chars().count(),
                _ => 0,
            })
            .sum();
        let prompt = u64::try_from(characters / CHARACTERS).unwrap_or(u64::MAX);
        let tokens = prompt.saturating_add(request.max_tokens().map_or(0, u64::from));
        let requirements = [
            (!request.tools().is_empty(), ModelFilter::new().with_tools()),
            (
                matches!(request.response_format(), Some(ResponseFormat::JsonSchema(_))),
                ModelFilter::new().with_schema(),
            ),
            (inputs().any(|input| matches!(input, Input::Image(_))), ModelFilter::new().with_images()),
            (tokens > ORDINARY, ModelFilter::new().with_context_length(tokens)),
        ];
        Self(requirements.into_iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, filter)| filter).collect())
    }

    pub(in crate::huggingface) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn filter(&self) -> ModelFilter {
        self.0.iter().fold(ModelFilter::new(), ModelFilter::and)
    }

    fn names(&self) -> String {
        self.filter().abilities().join(", ")
    }

    /// What none of `providers` offers; all of it, where only the combination is missing.
    fn missing<'p>(
        &self,
        model: &ModelInfo,
        providers: &(impl Iterator<Item = &'p ProviderListing> + Clone),
    ) -> Vec<String> {
        let nobody = |filter: &&ModelFilter| {
            providers.clone().all(|provider| filter.fit(model, provider) == Compatibility::No)
        };
        let missing: Vec<_> = self.0.iter().filter(nobody).flat_map(ModelFilter::abilities).collect();
        if missing.is_empty() { self.filter().abilities() } else { missing }
    }
}

/// Who is to serve `route`, whose request wants `wants`; an error where the catalogue says that nobody can.
///
/// What the catalogue does not list is left to the router, with a warning.
pub(in crate::huggingface) fn choose(
    route: &ModelRoute,
    requirements: &Requirements,
    models: &[ModelInfo],
) -> Result<Selection, BotticelliError> {
    let unknown = |what: String| {
        let warning =
            format!("the catalogue lists {what}, so that nobody was chosen for {}", requirements.names());
        Ok(Selection { chosen: None, warning: Some(warning) })
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
            return Err(nobody(
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
        return Err(nobody(None, model, requirements.missing(model, &live), &filter, models));
    };
    if *route.route() == ProviderPolicy::Preferred {
        return Ok(Selection::default());
    }
    let sure = offers.iter().filter(|offer| filter.fit(model, &offer.provider) == Compatibility::Yes).count();
    let (names, name) = (requirements.names(), first.provider.name.clone());
    let (reason, warning) = if sure > 0 {
        (format!("the {word} of {sure} that offer {names}"), None)
    } else {
        let reason = format!("the {word} of {} of whom nobody says that they offer {names}", offers.len());
        (reason, Some(format!("the catalogue does not say that {name} offers {names}")))
    };
    let routing = RoutingDecision::new(first.route(), reason);
    Ok(Selection { chosen: Some((name, routing)), warning })
}

/// How many are named that would do.
const NAMED: usize = 3;

fn nobody(
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
        // Others, each with the one that offers it at the lowest price.
        let mut others: Vec<_> = filter.search(models);
        let mut seen = Vec::new();
        others.retain(|offer| {
            let is_new = !seen.contains(&offer.model);
            seen.push(offer.model.clone());
            is_new
        });
        able = others.iter().map(ModelMatch::route).collect();
    }
    able.truncate(NAMED);
    let mut refusal = ErrorDetails::by(PROVIDER);
    refusal.model = Some(model.id.clone());
    let provider = provider.map(str::to_owned);
    let kind = HuggingFaceErrorKind::CapabilityMissing { provider, missing, able };
    ModelsError::new(ModelsErrorKind::HuggingFace(kind), refusal).into()
}
