//! Calls that a budget refuses.

use crate::sentence::dollars;
use std::fmt;

/// A call that a budget refuses. Nothing was sent.
///
/// Not retried: the answer stays the same until the period ends, or until the caller raises the limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct BudgetError {
    kind: BudgetErrorKind,
    cheaper: Option<(String, u64)>,
    reserved: u64,
}

/// The reason why a budget refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetErrorKind {
    /// The call may exceed a limit.
    Exceeded {
        /// The limit.
        period: BudgetPeriod,
        /// The unit of the amounts.
        unit: BudgetUnit,
        /// Maximum amount in the period.
        limit: u64,
        /// The part of the limit that is neither spent nor [reserved](BudgetError::reserved).
        left: u64,
        /// Upper bound for the cost of the call.
        needed: u64,
        /// End of the period, in RFC 3339: `2026-12-01T00:00:00Z`. `None` for a call or a run.
        until: Option<String>,
    },
    /// The cost of the call is unknown, so no limit can be enforced.
    UnknownPrice {
        /// The model.
        model: String,
        /// The unit of the limit.
        unit: BudgetUnit,
    },
    /// The service reported that the account has no credits left, and the period is not over.
    CreditsExhausted {
        /// The name of the account in the ledger.
        account: String,
        /// End of the period, in RFC 3339.
        until: String,
    },
}

/// The period of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BudgetPeriod {
    /// One call, with its retries.
    Call,
    /// All calls of a run.
    Run,
    /// A day in UTC.
    Day,
    /// A calendar month in UTC.
    Month,
}

/// The unit of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BudgetUnit {
    /// Nano-dollars (10⁻⁹ USD).
    NanoDollars,
    /// Tokens, prompt and completion together.
    Tokens,
}

impl BudgetError {
    /// Returns an error of this `kind`.
    pub fn new(kind: BudgetErrorKind) -> Self {
        Self { kind, cheaper: None, reserved: 0 }
    }

    /// Returns the error with a route that fits into the budget, and its upper bound in nano-dollars.
    pub fn with_cheaper(mut self, route: impl Into<String>, nano_dollars: u64) -> Self {
        self.cheaper = Some((route.into(), nano_dollars));
        self
    }

    /// Returns the error with the part of the limit that calls in flight have reserved, in the unit of the limit.
    pub fn with_reserved(mut self, reserved: u64) -> Self {
        self.reserved = reserved;
        self
    }

    /// Returns the reason of the refusal.
    pub fn kind(&self) -> &BudgetErrorKind {
        &self.kind
    }

    /// Returns a route that fits into the budget, and its upper bound in nano-dollars. `None` if no such route is known.
    pub fn cheaper(&self) -> Option<(&str, u64)> {
        self.cheaper.as_ref().map(|(route, nanos)| (route.as_str(), *nanos))
    }

    /// Returns the part of the limit that is not spent, but reserved by calls in flight. The unit is that of the limit.
    pub fn reserved(&self) -> u64 {
        self.reserved
    }

    /// Returns whether the call would fit without the reservations of calls in flight. It may fit when they have ended.
    pub fn is_temporary(&self) -> bool {
        match &self.kind {
            BudgetErrorKind::Exceeded { left, needed, .. } => *needed <= left.saturating_add(self.reserved),
            _ => false,
        }
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> String {
        let cheaper = self.cheaper.as_ref().map(|(route, nanos)| {
            format!("Use {route}, which costs at most {}, ", amount(BudgetUnit::NanoDollars, *nanos))
        });
        let begin = |other: &str| {
            if let Some(cheaper) = &cheaper {
                format!("{cheaper}or {other}.")
            } else {
                let mut letters = other.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase());
                format!("{}{}.", first.map(String::from).unwrap_or_default(), letters.as_str())
            }
        };
        match &self.kind {
            BudgetErrorKind::Exceeded { .. } if self.is_temporary() => begin(
                "try again when calls in flight have ended, let the budget wait for them (`max_wait`), lower `max_tokens`, or \
                 raise the limit",
            ),
            BudgetErrorKind::Exceeded { until: Some(until), .. } => {
                begin(&format!("lower `max_tokens`, raise the limit, or wait until {until}"))
            }
            BudgetErrorKind::Exceeded { .. } => begin("lower `max_tokens`, or raise the limit"),
            BudgetErrorKind::UnknownPrice { .. } => begin(
                "choose a model and a provider with a price in the catalog, set a price for the driver, or allow calls with an \
                 unknown price and limit their number with a rate limit",
            ),
            BudgetErrorKind::CreditsExhausted { until, .. } => {
                begin(&format!("wait until {until}, or add credits and call `Ledger::clear_exhausted`"))
            }
        }
    }

    fn sentence(&self) -> String {
        let what = match &self.kind {
            BudgetErrorKind::Exceeded { period, unit, limit, left, needed, .. } => {
                let reserved = match self.reserved {
                    0 => String::new(),
                    reserved => format!(", and calls in flight have reserved {}", amount(*unit, reserved)),
                };
                format!(
                    "the call may take {}, but {} is left of the {} {period}{reserved}",
                    amount(*unit, *needed),
                    amount(*unit, *left),
                    amount(*unit, *limit)
                )
            }
            BudgetErrorKind::UnknownPrice { model, unit } => {
                let what = match unit {
                    BudgetUnit::NanoDollars => "cost",
                    BudgetUnit::Tokens => "number of tokens",
                };
                format!("the {what} of a call to {model} is unknown, so the budget cannot be enforced")
            }
            BudgetErrorKind::CreditsExhausted { account, .. } => {
                format!("the service reported earlier that the account `{account}` has no credits left")
            }
        };
        format!("budget: {what}. {}", self.advice())
    }
}

/// Returns an amount for a message: `$0.10` or `1200 tokens`.
fn amount(unit: BudgetUnit, amount: u64) -> String {
    match unit {
        BudgetUnit::NanoDollars => dollars(amount),
        BudgetUnit::Tokens => format!("{amount} tokens"),
    }
}

/// The words after an amount: `per month`.
impl fmt::Display for BudgetPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "per call",
            Self::Run => "per run",
            Self::Day => "per day",
            Self::Month => "per month",
        })
    }
}
