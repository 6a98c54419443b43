//! What a user needs of a model, and who offers it.

use crate::{ModelInfo, Price, ProviderListing, Throughput};
use std::cmp::Reverse;

/// What a user needs of a model and of whoever serves it. A new one asks for nothing but a provider that is live.
///
/// ```
/// use botticelli_core::{ModelInfo, ProviderListing, ModelFilter, Price};
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
#[allow(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
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

/// In which order offers come. Whoever does not say comes last; among equals the catalogue's order holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SearchOrder {
    /// The lowest price for a token of answer first, and among equals the lowest for a token of prompt.
    #[default]
    Price,
    /// The highest throughput first.
    Throughput,
    /// The shortest time to the first token first.
    FirstToken,
    /// The longest context first.
    ContextLength,
    /// As in the catalogue.
    Listed,
}

/// Whether an offer is what is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compatibility {
    /// It is.
    Yes,
    /// The catalogue does not say all of it.
    Maybe,
    /// It is not.
    No,
}

/// A model, and one who serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelMatch {
    /// The model's name in the catalogue, without a route.
    pub model: String,
    /// Who serves it.
    pub provider: ProviderListing,
}

impl ModelMatch {
    /// The name to ask for it by: `org/model:provider`.
    pub fn route(&self) -> String {
        format!("{}:{}", self.model, self.provider.name)
    }
}

impl ModelFilter {
    /// Nothing but a provider that is live.
    pub fn new() -> Self {
        Self::default()
    }

    /// It calls tools.
    pub fn with_tools(mut self) -> Self {
        self.tools = true;
        self
    }

    /// It keeps to a JSON schema.
    pub fn with_schema(mut self) -> Self {
        self.schema = true;
        self
    }

    /// It reads images.
    pub fn with_images(mut self) -> Self {
        self.images = true;
        self
    }

    /// Prompt and answer together may have so many tokens.
    pub fn with_context_length(mut self, tokens: u64) -> Self {
        self.context_length = Some(tokens);
        self
    }

    /// A million tokens of prompt, and a million of answer, cost no more than this.
    pub fn with_max_price(mut self, price: Price) -> Self {
        self.max_price = Some(price);
        self
    }

    /// This provider serves it.
    pub fn with_provider(mut self, name: impl Into<String>) -> Self {
        self.provider = Some(name.into());
        self
    }

    /// The provider has this status, instead of `live`.
    pub fn with_status(mut self, status: impl Into<String>) -> Self {
        self.status = Status::Word(status.into());
        self
    }

    /// The provider may have any status.
    pub fn with_any_status(mut self) -> Self {
        self.status = Status::Any;
        self
    }

    /// The model's name has this in it, in any case of letters.
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// In which order; the cheapest first, where this is not set.
    pub fn with_order(mut self, order: SearchOrder) -> Self {
        self.order = order;
        self
    }

    /// Those of whom the catalogue does not say it, too; after all others.
    pub fn with_unknown(mut self) -> Self {
        self.unknown = true;
        self
    }

    /// The provider is live, as it has to be unless something else is said.
    pub fn with_live_status(mut self) -> Self {
        self.status = Status::Live;
        self
    }

    /// The abilities of both: the tools, the schema, the images, and the longer of the contexts.
    pub fn and(mut self, other: &Self) -> Self {
        self.tools |= other.tools;
        self.schema |= other.schema;
        self.images |= other.images;
        self.context_length = self.context_length.max(other.context_length);
        self
    }

    /// The abilities that are needed, in words: `tools`, `a JSON schema`, `images`, `a context of 32768 tokens`.
    pub fn abilities(&self) -> Vec<String> {
        let mut abilities = Vec::new();
        let named = [(self.tools, "tools"), (self.schema, "a JSON schema"), (self.images, "images")];
        abilities
            .extend(named.iter().filter(|(is_needed, _)| *is_needed).map(|(_, name)| (*name).to_owned()));
        abilities.extend(self.context_length.map(|tokens| format!("a context of {tokens} tokens")));
        abilities
    }

    /// Whether `provider` offers this of `model`.
    pub fn fit(&self, model: &ModelInfo, provider: &ProviderListing) -> Compatibility {
        let mut fit = Compatibility::Yes;
        for answer in self.answers(model, provider) {
            match answer {
                Some(true) => {}
                Some(false) => return Compatibility::No,
                None => fit = Compatibility::Maybe,
            }
        }
        fit
    }

    /// All who offer this, in the order that is wanted.
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

    /// What the catalogue says to each thing that is needed; `None` where it says nothing.
    fn answers(&self, model: &ModelInfo, provider: &ProviderListing) -> [Option<bool>; 8] {
        let unless = |is_needed: bool, answer: Option<bool>| if is_needed { answer } else { Some(true) };
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
    /// What is smaller comes first.
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
