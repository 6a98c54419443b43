//! Amounts of money and tokens.

use crate::tokens::counted_tokens;
use crate::verb::Response;
use botticelli_core::CostEstimate;

/// Money and tokens of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) nano_dollars: u64,
    pub(super) tokens: u64,
}

impl Amount {
    pub(super) const ZERO: Self = Self { nano_dollars: 0, tokens: 0 };
    pub(super) const MAX: Self = Self { nano_dollars: u64::MAX, tokens: u64::MAX };

    /// Returns the upper bound of an estimate. An unknown part counts as zero.
    pub(super) fn of_estimate(estimate: CostEstimate) -> Self {
        Self {
            nano_dollars: estimate.nano_dollars().unwrap_or_default(),
            tokens: estimate.tokens().unwrap_or_default(),
        }
    }

    /// Returns the amount that a response states, and the part of `reserved` that stays held because the response does not state it.
    pub(super) fn of_response(response: &impl Response, reserved: Self) -> (Self, Self) {
        if response.is_cached() {
            return (Self::ZERO, Self::ZERO);
        }
        let tokens = response.usage().and_then(counted_tokens);
        let nano_dollars = response.cost().nano_dollars();
        let spent =
            Self { nano_dollars: nano_dollars.unwrap_or_default(), tokens: tokens.unwrap_or_default() };
        let held = Self {
            nano_dollars: if nano_dollars.is_some() { 0 } else { reserved.nano_dollars },
            tokens: if tokens.is_some() { 0 } else { reserved.tokens },
        };
        (spent, held)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            nano_dollars: self.nano_dollars.saturating_add(other.nano_dollars),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            nano_dollars: self.nano_dollars.saturating_sub(other.nano_dollars),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }

    pub(super) fn times(self, factor: u64) -> Self {
        Self {
            nano_dollars: self.nano_dollars.saturating_mul(factor),
            tokens: self.tokens.saturating_mul(factor),
        }
    }
}
