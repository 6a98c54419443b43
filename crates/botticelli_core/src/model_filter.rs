//! Search for models and providers in a catalog.

use crate::{ModelInfo, Price, ProviderListing, Throughput};
use std::cmp::Reverse;

/// Filter for models and their providers. A new filter requires only a live provider.
///
/// ```
/// use botticelli::{ModelInfo, ProviderListing, ModelFilter, Price};
///
/// let mut model = ModelInfo::new("org/model");
/// let mut provider = ProviderListing::new("groq").with_price(Price::from_usd_per_million(0.15, 0.6));
/// (provider.status, provider.supports_tools) = (Some("live".into()), Some(true));
/// model.providers = vec![provider, ProviderListing::new("silent")];
///
/// let offers = ModelFilter::new().with_tools().search(&[model]);
/// assert_eq!(offers.iter().map(|offer| offer.route()).collect::<Vec<_>>(), ["org/model:groq"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate requirement")]
pub struct ModelFilter {
    tools: bool,
    schema: bool,
    images: bool,
    context_length: Option<u64>,
    max_price: Option<Price>,
    provider: Option<String>,
    status: Status,
    text: Option<String>,
    order: SearchOrder,
    unknown: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Status {
    #[default]
    Live,
    Word(String),
    Any,
}

/// Order of search results. Entries without the value come last. Equal entries keep the order of the catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SearchOrder {
    /// Lowest completion price first, then lowest prompt price.
    #[default]
    Price,
    /// Highest throughput first.
    Throughput,
    /// Shortest time to the first token first.
    FirstToken,
    /// Longest context first.
    ContextLength,
    /// Order of the catalog.
    Listed,
}

/// Degree to which a provider satisfies a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compatibility {
    /// The provider satisfies the filter.
    Yes,
    /// The catalog lacks information to decide.
    Maybe,
    /// The provider does not satisfy the filter.
    No,
}

/// Model with a provider that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelMatch {
    /// Name of the model in the catalog, without a route.
    pub model: String,
    /// Provider that serves the model.
    pub provider: ProviderListing,
}

impl ModelMatch {
    /// Returns the model name with its route: `org/model:provider`.
    pub fn route(&self) -> String {
        format!("{}:{}", self.model, self.provider.name)
    }
}

impl ModelFilter {
    /// Returns a filter that requires only a live provider.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requires support for tool calls.
    pub fn with_tools(mut self) -> Self {
        self.tools = true;
        self
    }

    /// Requires support for JSON schemas.
    pub fn with_schema(mut self) -> Self {
        self.schema = true;
        self
    }

    /// Requires support for images in the prompt.
    pub fn with_images(mut self) -> Self {
        self.images = true;
        self
    }

    /// Requires a context of at least this many tokens, prompt and completion together.
    pub fn with_context_length(mut self, tokens: u64) -> Self {
        self.context_length = Some(tokens);
        self
    }

    /// Sets the maximum price, for prompt tokens and for completion tokens.
    pub fn with_max_price(mut self, price: Price) -> Self {
        self.max_price = Some(price);
        self
    }

    /// Requires this provider.
    pub fn with_provider(mut self, name: impl Into<String>) -> Self {
        self.provider = Some(name.into());
        self
    }

    /// Requires this status instead of `live`.
    pub fn with_status(mut self, status: impl Into<String>) -> Self {
        self.status = Status::Word(status.into());
        self
    }

    /// Accepts any status.
    pub fn with_any_status(mut self) -> Self {
        self.status = Status::Any;
        self
    }

    /// Requires this text in the model name. Case is ignored.
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Sets the order of the results. Default: the cheapest first.
    pub fn with_order(mut self, order: SearchOrder) -> Self {
        self.order = order;
        self
    }

    /// Includes providers for which the catalog lacks information, after all others.
    pub fn with_unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    /// Requires the status `live`. This is the default.
    pub fn with_live_status(mut self) -> Self {
        self.status = Status::Live;
        self
    }

    /// Adds the required abilities of another filter: tools, schema, images, and the longer context.
    pub fn and(mut self, other: &Self) -> Self {
        self.tools |= other.tools;
        self.schema |= other.schema;
        self.images |= other.images;
        self.context_length = self.context_length.max(other.context_length);
        self
    }

    /// Returns the required abilities in words: `tools`, `a JSON schema`, `images`, `a context of 32768 tokens`.
    pub fn abilities(&self) -> Vec<String> {
        let mut abilities = Vec::new();
        let named = [(self.tools, "tools"), (self.schema, "a JSON schema"), (self.images, "images")];
        abilities
            .extend(named.iter().filter(|(is_needed, _)| *is_needed).map(|(_, name)| (*name).to_owned()));
        abilities.extend(self.context_length.map(|tokens| format!("a context of {tokens} tokens")));
        abilities
    }

    /// Returns whether `provider` satisfies the filter for `model`.
    pub fn fit(&self, model: &ModelInfo, provider: &ProviderListing) -> Compatibility {
        let mut fit = Compatibility::Yes;
        for result in self.results(model, provider) {
            match result {
                Some(true) => {}
                Some(false) => return Compatibility::No,
                None => fit = Compatibility::Maybe,
            }
        }
        fit
    }

    /// Returns all models and providers that satisfy the filter, in its order.
    pub fn search(&self, models: &[ModelInfo]) -> Vec<ModelMatch> {
        let mut offers: Vec<(Compatibility, ModelMatch)> = models
            .iter()
            .flat_map(|model| model.providers.iter().map(move |provider| (model, provider)))
            .map(|(model, provider)| (self.fit(model, provider), model, provider))
            .filter(|(fit, ..)| *fit == Compatibility::Yes || (self.unknown && *fit == Compatibility::Maybe))
            .map(|(fit, model, provider)| {
                (fit, ModelMatch { model: model.id.clone(), provider: provider.clone() })
            })
            .collect();
        offers.sort_by_key(|(fit, offer)| (*fit != Compatibility::Yes, self.order.rank(&offer.provider)));
        offers.into_iter().map(|(_, offer)| offer).collect()
    }

    /// Returns the result of each requirement. `None` if the catalog lacks the information.
    fn results(&self, model: &ModelInfo, provider: &ProviderListing) -> [Option<bool>; 8] {
        let unless = |is_needed: bool, result: Option<bool>| if is_needed { result } else { Some(true) };
        let reads_images = (!model.input_modalities.is_empty())
            .then(|| model.input_modalities.iter().any(|modality| modality == "image"));
        let is_long = self.context_length.map(|tokens| provider.context_length.map(|most| most >= tokens));
        let is_cheap = self.max_price.map(|most| {
            provider.price.map(|price| price.prompt <= most.prompt && price.completion <= most.completion)
        });
        let status = provider.status.as_deref();
        [
            unless(self.tools, provider.supports_tools),
            unless(self.schema, provider.supports_structured_output),
            unless(self.images, reads_images),
            is_long.unwrap_or(Some(true)),
            is_cheap.unwrap_or(Some(true)),
            Some(self.provider.as_ref().is_none_or(|name| *name == provider.name)),
            match &self.status {
                Status::Any => Some(true),
                Status::Live => status.map(|status| status == "live"),
                Status::Word(word) => status.map(|status| status == word),
            },
            Some(
                self.text.as_ref().is_none_or(|text| model.id.to_lowercase().contains(&text.to_lowercase())),
            ),
        ]
    }
}

impl SearchOrder {
    /// Returns a sort key. The smallest comes first.
    pub(crate) fn rank(self, provider: &ProviderListing) -> (bool, Reverse<u64>, u64, u64) {
        let (most, least, then) = match self {
            Self::Price => {
                let price = provider.price;
                (None, price.map(|price| price.completion), price.map(|price| price.prompt))
            }
            Self::Throughput => (provider.throughput.map(Throughput::milli_tokens_per_second), None, None),
            Self::FirstToken => (None, provider.first_token_latency_ms, None),
            Self::ContextLength => (provider.context_length, None, None),
            Self::Listed => (Some(0), None, None),
        };
        let is_silent = most.is_none() && least.is_none();
        (is_silent, Reverse(most.unwrap_or_default()), least.unwrap_or_default(), then.unwrap_or_default())
    }
}
