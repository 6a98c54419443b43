//! What an answer costs.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What an answer costs, in whole nano-dollars (10⁻⁹ USD), and who says so.
///
/// Never a float, and never a guess: where nobody knows, the amount is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    nano_dollars: Option<u64>,
    source: CostSource,
}

/// Who says what an answer costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CostSource {
    /// The service said so.
    Reported,
    /// Tokens times the price in the catalogue, an upper bound: discounts for cached prompts are not in it.
    Priced,
    /// Nobody.
    Unknown,
}

impl Cost {
    /// Nobody knows.
    pub const fn unknown() -> Self {
        Self { nano_dollars: None, source: CostSource::Unknown }
    }

    /// The service said so.
    pub const fn reported(nano_dollars: u64) -> Self {
        Self { nano_dollars: Some(nano_dollars), source: CostSource::Reported }
    }

    /// Tokens times a price.
    pub const fn priced(nano_dollars: u64) -> Self {
        Self { nano_dollars: Some(nano_dollars), source: CostSource::Priced }
    }

    /// The amount in nano-dollars (10⁻⁹ USD).
    pub const fn nano_dollars(&self) -> Option<u64> {
        self.nano_dollars
    }

    /// Who says so.
    pub const fn source(&self) -> CostSource {
        self.source
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self::unknown()
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

/// An upper bound of what a request may cost, before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostEstimate {
    nano_dollars: Option<u64>,
}

impl CostEstimate {
    /// Nobody knows.
    pub const fn unknown() -> Self {
        Self { nano_dollars: None }
    }

    /// It costs at most so many nano-dollars (10⁻⁹ USD).
    pub const fn at_most(nano_dollars: u64) -> Self {
        Self { nano_dollars: Some(nano_dollars) }
    }

    /// The upper bound in nano-dollars (10⁻⁹ USD).
    pub const fn nano_dollars(&self) -> Option<u64> {
        self.nano_dollars
    }
}
