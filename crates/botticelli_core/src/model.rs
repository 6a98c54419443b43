//! Models of a catalog, their providers and prices.

use crate::{Cost, Throughput, Usage, Usd};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Catalog entry of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelInfo {
    /// Name in the catalog, without a route.
    pub id: String,
    /// Input modalities: `text`, `image`, …. Empty if the catalog does not list them.
    pub input_modalities: Vec<String>,
    /// Output modalities. Empty if the catalog does not list them.
    pub output_modalities: Vec<String>,
    /// Providers that serve the model.
    pub providers: Vec<ProviderListing>,
}

/// Catalog entry of a provider that serves a model.
///
/// `None` means that the catalog does not say, not "no".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderListing {
    /// Id of the provider.
    pub name: String,
    /// Status: `live`, `error`, ….
    pub status: Option<String>,
    /// Context length in tokens, prompt and completion together.
    pub context_length: Option<u64>,
    /// Price. Zero if the provider is free.
    pub price: Option<Price>,
    /// Support for tool calls.
    pub supports_tools: Option<bool>,
    /// Support for JSON schemas.
    pub supports_structured_output: Option<bool>,
    /// Throughput.
    pub throughput: Option<Throughput>,
    /// Time to the first token, in milliseconds.
    pub first_token_latency_ms: Option<u64>,
    /// `true` if the provider is the author of the model.
    pub is_model_author: Option<bool>,
}

/// Price of a million tokens, in whole nano-dollars (10⁻⁹ USD).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Price {
    /// Price of a million prompt tokens.
    pub prompt: u64,
    /// Price of a million completion tokens.
    pub completion: u64,
}

impl ModelInfo {
    /// Returns an entry for the model `id` without further information.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Returns the cost of a response by `provider` with these token counts.
    ///
    /// The cost is [unknown](Cost::unknown) if the catalog lacks the provider or its price, or if `usage` lacks tokens.
    ///
    /// ```
    /// use botticelli::{ModelInfo, ProviderListing, Price, Usage};
    ///
    /// # fn main() -> Result<(), botticelli::BotticelliError> {
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
    /// Returns an entry for the provider `name` without further information.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Sets the price.
    pub fn with_price(mut self, price: Option<Price>) -> Self {
        self.price = price;
        self
    }
}

impl Price {
    /// Returns a price from the amounts for a million prompt tokens and for a million completion tokens.
    pub const fn new(prompt: Usd, completion: Usd) -> Self {
        Self { prompt: prompt.nano_dollars(), completion: completion.nano_dollars() }
    }

    /// Returns a price from dollars per million tokens, for example `0.25` and `0.69`.
    ///
    /// `None` if an amount is negative, not finite, or too large for nano-dollars.
    pub fn from_usd_per_million(prompt: f64, completion: f64) -> Option<Self> {
        Some(Self { prompt: Self::nano_dollars(prompt)?, completion: Self::nano_dollars(completion)? })
    }

    /// Converts dollars to whole nano-dollars, rounded. `None` if the amount is negative, not finite, or too large.
    ///
    /// The conversion uses the decimal text, because a multiplication of floats is not exact.
    pub fn nano_dollars(usd: f64) -> Option<u64> {
        if !usd.is_finite() || usd < 0.0 {
            return None;
        }
        format!("{:.9}", usd.abs()).replace('.', "").parse().ok()
    }

    /// Returns the maximum cost of these tokens, rounded up to whole nano-dollars. Unknown if counts are missing or the sum overflows.
    ///
    /// A missing count is derived from the total. Tokens that only the total contains cost the higher of the two prices, because
    /// the service does not say whether they are prompt or completion tokens.
    ///
    /// ```
    /// use botticelli::{Price, Usage};
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

/// Returns nano-dollars as dollars, with at least two decimals.
fn dollars(nano_dollars: u64) -> String {
    let text = format!("{}.{:09}", nano_dollars / 1_000_000_000, nano_dollars % 1_000_000_000);
    let zeros = text.bytes().rev().take_while(|digit| *digit == b'0').count().min(7);
    text.get(..text.len() - zeros).unwrap_or_default().to_owned()
}
