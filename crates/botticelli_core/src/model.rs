//! Who can do what, at what price.

use crate::{Cost, Throughput, Usage};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a catalogue says of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelInfo {
    /// Its name in the catalogue, without a route.
    pub id: String,
    /// What it reads: `text`, `image`, …; empty where the catalogue does not say.
    pub input_modalities: Vec<String>,
    /// What it writes.
    pub output_modalities: Vec<String>,
    /// Who serves it.
    pub providers: Vec<ProviderListing>,
}

/// What a catalogue says of one who serves a model.
///
/// `None` is "the catalogue does not say", not "no".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderListing {
    /// The provider's id.
    pub name: String,
    /// `live`, `error`, …
    pub status: Option<String>,
    /// Tokens of prompt and answer together.
    pub context_length: Option<u64>,
    /// What a token costs; zero where the provider is free.
    pub price: Option<Price>,
    /// Whether it can call tools.
    pub supports_tools: Option<bool>,
    /// Whether it can keep to a JSON schema.
    pub supports_structured_output: Option<bool>,
    /// How fast it answers.
    pub throughput: Option<Throughput>,
    /// How long it takes to the first token, in milliseconds.
    pub first_token_latency_ms: Option<u64>,
    /// Whether it made the model.
    pub is_model_author: Option<bool>,
}

/// What a million tokens cost, in whole nano-dollars (10⁻⁹ USD).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Price {
    /// A million tokens of prompt.
    pub prompt: u64,
    /// A million tokens of answer.
    pub completion: u64,
}

impl ModelInfo {
    /// The catalogue's entry for the model `id`, nothing else being known.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// What an answer costs that took `usage` and was served by `provider`.
    ///
    /// [Unknown](Cost::unknown), never a guess, where the provider, its price or the tokens are not known.
    ///
    /// ```
    /// use botticelli_core::{ModelInfo, ProviderListing, Price, Usage};
    ///
    /// # fn main() -> Result<(), botticelli_error::BotticelliError> {
    /// let mut info = ModelInfo::new("openai/gpt-oss-120b");
    /// let price = Price::from_usd_per_million(0.25, 0.69);
    /// info.providers.push(ProviderListing::new("groq").with_price(price));
    ///
    /// let usage = Usage::builder().prompt_tokens(1_000).completion_tokens(100).build()?;
    /// assert_eq!(info.cost(&usage, Some("groq")).to_string(), "$0.000319000");
    /// assert_eq!(info.cost(&usage, Some("together")).to_string(), "unknown");
    /// # Ok(())
    /// # }
    /// ```
    pub fn cost(&self, usage: &Usage, provider: Option<&str>) -> Cost {
        let price = self
            .providers
            .iter()
            .find(|candidate| Some(candidate.name.as_str()) == provider)
            .and_then(|provider| provider.price);
        price.map_or(Cost::unknown(), |price| price.cost(usage))
    }
}

impl ProviderListing {
    /// The provider `name`, nothing else being known.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The same provider, with its price.
    pub fn with_price(mut self, price: Option<Price>) -> Self {
        self.price = price;
        self
    }
}

impl Price {
    /// The price of a catalogue that writes dollars a million tokens, as `0.25` and `0.69`.
    ///
    /// `None` where either is no amount of money: negative, not finite, or absurdly large.
    pub fn from_usd_per_million(prompt: f64, completion: f64) -> Option<Self> {
        Some(Self { prompt: Self::nano_dollars(prompt)?, completion: Self::nano_dollars(completion)? })
    }

    /// Dollars in whole nano-dollars, rounded; `None` where it is no amount of money.
    ///
    /// By way of the decimal text, which is exact where a multiplication of floats is not.
    pub fn nano_dollars(usd: f64) -> Option<u64> {
        if !usd.is_finite() || usd < 0.0 {
            return None;
        }
        format!("{:.9}", usd.abs()).replace('.', "").parse().ok()
    }

    /// Returns the most that `usage` costs, rounded up to whole nano-dollars; unknown if the counts are missing or the sum is
    /// absurd.
    ///
    /// A count that only the total implies is taken from it. Tokens of the total that are in neither count cost the higher
    /// of both prices: nobody says which they are.
    ///
    /// ```
    /// use botticelli_core::{Price, Usage};
    ///
    /// let price = Price::from_usd_per_million(1.0, 3.0).unwrap_or_default();
    /// let usage = Usage::new(None, None, Some(1_000));
    /// assert_eq!(price.cost(&usage).to_string(), "$0.003000000");
    /// ```
    pub fn cost(&self, usage: &Usage) -> Cost {
        let total = usage.total_tokens();
        let (prompt, completion) = match (usage.prompt_tokens(), usage.completion_tokens(), total) {
            (Some(prompt), Some(completion), _) => (prompt, completion),
            (Some(prompt), None, Some(total)) => (prompt, total.saturating_sub(prompt)),
            (None, Some(completion), Some(total)) => (total.saturating_sub(completion), completion),
            (None, None, Some(_)) => (0, 0),
            _ => return Cost::unknown(),
        };
        let others = total.unwrap_or_default().saturating_sub(prompt.saturating_add(completion));
        let millionths = |price: u64, tokens: u64| u128::from(price).checked_mul(u128::from(tokens));
        [(self.prompt, prompt), (self.completion, completion), (self.prompt.max(self.completion), others)]
            .into_iter()
            .try_fold(0_u128, |sum, (price, tokens)| sum.checked_add(millionths(price, tokens)?))
            .and_then(|sum| u64::try_from(sum.div_ceil(1_000_000)).ok())
            .map_or(Cost::unknown(), Cost::priced)
    }
}

/// `$0.25 per million prompt tokens, $0.69 per million completion tokens`.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prompt, completion) = (dollars(self.prompt), dollars(self.completion));
        write!(f, "${prompt} per million prompt tokens, ${completion} per million completion tokens")
    }
}

/// Returns nano-dollars as dollars, with two decimals or as many as it takes.
fn dollars(nano_dollars: u64) -> String {
    let text = format!("{}.{:09}", nano_dollars / 1_000_000_000, nano_dollars % 1_000_000_000);
    let zeros = text.bytes().rev().take_while(|digit| *digit == b'0').count().min(7);
    text.get(..text.len() - zeros).unwrap_or_default().to_owned()
}
