//! One limit of a budget.

use super::amount::Amount;
use botticelli_core::Usd;
use botticelli_error::{BudgetPeriod, BudgetUnit};

/// A limit that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) period: BudgetPeriod,
    pub(super) unit: BudgetUnit,
    pub(super) most: u64,
}

impl Limit {
    /// Returns the part of an amount that this limit is about.
    pub(super) fn part(self, amount: Amount) -> u64 {
        match self.unit {
            BudgetUnit::Tokens => amount.tokens,
            _ => amount.nano_dollars,
        }
    }

    /// Returns `rest`, or less if this limit leaves less of its part.
    pub(super) fn applied(self, mut rest: Amount, used: Amount) -> Amount {
        let left = self.most.saturating_sub(self.part(used));
        let part = match self.unit {
            BudgetUnit::Tokens => &mut rest.tokens,
            _ => &mut rest.nano_dollars,
        };
        *part = left.min(*part);
        rest
    }

    /// Returns the name of the limit in a configuration: `tokens_per_day`.
    pub(super) fn name(self) -> String {
        let period = self.period.to_string().replace(' ', "_");
        if self.unit == BudgetUnit::Tokens { format!("tokens_{period}") } else { period }
    }

    /// Returns the amount of the limit: `$0.10` or `1200`.
    pub(super) fn amount(self) -> String {
        match self.unit {
            BudgetUnit::Tokens => self.most.to_string(),
            _ => Usd::from_nano_dollars(self.most).to_string(),
        }
    }
}
