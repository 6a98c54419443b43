//! The cost of a response.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// Cost of a response in whole nano-dollars (10⁻⁹ USD), with its source.
///
/// An unknown amount is `None`, never a guess.
///
/// Costs add up. A sum with an unknown part is unknown, and a sum with a priced part is priced: an upper bound. The sum of no
/// costs is zero.
///
/// ```
/// use botticelli::{Cost, CostSource};
///
/// let total: Cost = [Cost::reported(5), Cost::priced(7)].iter().sum();
/// assert_eq!((total.nano_dollars(), total.source()), (Some(12), CostSource::Priced));
/// assert_eq!(total + Cost::unknown(), Cost::unknown());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    nano_dollars: Option<u64>,
    source: CostSource,
}

/// Source of a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CostSource {
    /// Amount that the service reported.
    Reported,
    /// Tokens times the price in the catalog. An upper bound, because discounts for cached prompts are not included.
    Priced,
    /// The server has no price, or a price of zero: it runs on your own hardware, is rented by the hour, or is free.
    Free,
    /// No source.
    Unknown,
}

impl Cost {
    /// Returns an unknown cost.
    pub const fn unknown() -> Self {
        Self { nano_dollars: None, source: CostSource::Unknown }
    }

    /// Returns a cost that the service reported, in nano-dollars.
    pub const fn reported(nano_dollars: u64) -> Self {
        Self { nano_dollars: Some(nano_dollars), source: CostSource::Reported }
    }

    /// Returns a cost that was computed from tokens and a price, in nano-dollars.
    pub const fn priced(nano_dollars: u64) -> Self {
        Self { nano_dollars: Some(nano_dollars), source: CostSource::Priced }
    }

    /// Returns the cost of a server without a price: zero.
    pub const fn free() -> Self {
        Self { nano_dollars: Some(0), source: CostSource::Free }
    }

    /// Returns the amount in nano-dollars (10⁻⁹ USD). `None` if it is unknown.
    pub const fn nano_dollars(&self) -> Option<u64> {
        self.nano_dollars
    }

    /// Returns the source of the amount.
    pub const fn source(&self) -> CostSource {
        self.source
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self::unknown()
    }
}

/// Adds the amounts. The sum is unknown if one of the amounts is unknown, or if the sum overflows.
impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum =
            self.nano_dollars.zip(other.nano_dollars).and_then(|(ours, theirs)| ours.checked_add(theirs));
        match (sum, self.source, other.source) {
            (Some(sum), CostSource::Free, CostSource::Free) => {
                Self { nano_dollars: Some(sum), ..Self::free() }
            }
            (Some(sum), ours, theirs) if ours != CostSource::Priced && theirs != CostSource::Priced => {
                Self::reported(sum)
            }
            (Some(sum), ..) => Self::priced(sum),
            (None, ..) => Self::unknown(),
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.reduce(Self::add).unwrap_or(Self::reported(0))
    }
}

impl<'a> Sum<&'a Self> for Cost {
    fn sum<I: Iterator<Item = &'a Self>>(costs: I) -> Self {
        costs.copied().sum()
    }
}

/// `$0.000012345`, or `unknown`.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nano_dollars {
            Some(nanos) => write!(f, "${}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000),
            None => f.write_str("unknown"),
        }
    }
}

/// Upper bound for the cost of a request that is not sent yet, in money and in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostEstimate {
    nano_dollars: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokens: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    free_route: bool,
}

impl CostEstimate {
    /// Returns an unknown estimate.
    pub const fn unknown() -> Self {
        Self { nano_dollars: None, tokens: None, free_route: false }
    }

    /// Returns an estimate of at most this many nano-dollars (10⁻⁹ USD).
    pub const fn at_most(nano_dollars: u64) -> Self {
        Self { nano_dollars: Some(nano_dollars), tokens: None, free_route: nano_dollars == 0 }
    }

    /// Sets the upper bound in tokens, prompt and completion together. `None` is unknown.
    pub const fn with_tokens(mut self, tokens: Option<u64>) -> Self {
        self.tokens = tokens;
        self
    }

    /// Sets whether a route that costs nothing may serve the request.
    pub const fn with_free_route(mut self, free_route: bool) -> Self {
        self.free_route = free_route;
        self
    }

    /// Returns the upper bound in nano-dollars (10⁻⁹ USD). `None` if it is unknown.
    pub const fn nano_dollars(&self) -> Option<u64> {
        self.nano_dollars
    }

    /// Returns the upper bound in tokens, prompt and completion together. `None` if it is unknown.
    pub const fn tokens(&self) -> Option<u64> {
        self.tokens
    }

    /// Returns whether a route that costs nothing may serve the request. An account without credits can then make the call.
    pub const fn has_free_route(&self) -> bool {
        self.free_route
    }
}

/// A route, with an upper bound for the cost of a request on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PricedRoute {
    /// Model name with the route: `org/model:provider`.
    pub route: String,
    /// Upper bound in nano-dollars (10⁻⁹ USD).
    pub nano_dollars: u64,
}

impl PricedRoute {
    /// Returns a route with its upper bound in nano-dollars.
    pub fn new(route: impl Into<String>, nano_dollars: u64) -> Self {
        Self { route: route.into(), nano_dollars }
    }
}
