//! The table `[llm.budget]`.

use super::ledger::Ledger;
use super::limits::Budget;
use super::policy::{OnCreditsExhausted, OnUnknownPrice};
use crate::store::PlaceName;
use botticelli_core::Usd;
use botticelli_error::BotticelliError;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::time::Duration;

/// The table `[llm.budget]` of a configuration file.
///
/// ```toml
/// [llm.budget]
/// per_month = "0.10"             # USD
/// per_call = "0.001"
/// ledger = "user"                # a file in the user's data folder, a path, redis://host:port, or "memory"
/// on_unknown_price = "refuse"    # or "allow"
/// max_wait = "30 s"              # for calls in flight that have reserved the rest. Default: refuse
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    per_call: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_run: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_day: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_month: Option<Usd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_per_call: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_per_run: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_per_day: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_per_month: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<PlaceName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::duration")]
    max_wait: Option<Duration>,
    on_unknown_price: OnUnknownPrice,
    on_credits_exhausted: OnCreditsExhausted,
}

impl Budget {
    /// Returns the budget of a configuration.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the ledger cannot be opened, and the errors of
    /// [`validate`](Self::validate).
    #[track_caller]
    pub fn from_config(config: &BudgetConfig) -> Result<Self, BotticelliError> {
        Self::from_config_in(config, |name| std::env::var_os(name))
    }

    /// Returns the budget of a configuration, with the variables of another environment than the process's. They name the user's folders.
    ///
    /// # Errors
    ///
    /// As [`from_config`](Self::from_config).
    #[track_caller]
    pub fn from_config_in(
        config: &BudgetConfig,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, BotticelliError> {
        let mut budget = Self::empty();
        let set = |budget: Self, limit: Option<Usd>, with: fn(Self, Usd) -> Self| match limit {
            Some(limit) => with(budget, limit),
            None => budget,
        };
        let set_tokens = |budget: Self, limit: Option<u64>, with: fn(Self, u64) -> Self| match limit {
            Some(limit) => with(budget, limit),
            None => budget,
        };
        budget = set(budget, config.per_call, Self::with_per_call);
        budget = set(budget, config.per_run, Self::with_per_run);
        budget = set(budget, config.per_day, Self::with_per_day);
        budget = set(budget, config.per_month, Self::with_per_month);
        budget = set_tokens(budget, config.tokens_per_call, Self::with_tokens_per_call);
        budget = set_tokens(budget, config.tokens_per_run, Self::with_tokens_per_run);
        budget = set_tokens(budget, config.tokens_per_day, Self::with_tokens_per_day);
        budget = set_tokens(budget, config.tokens_per_month, Self::with_tokens_per_month);
        if let Some(account) = &config.account {
            budget = budget.with_account(account);
        }
        if let Some(max_wait) = config.max_wait {
            budget = budget.with_max_wait(max_wait);
        }
        budget = budget
            .with_on_unknown_price(config.on_unknown_price)
            .with_on_credits_exhausted(config.on_credits_exhausted);
        budget.validate()?;
        match config.ledger.as_deref() {
            Some(place) => Ok(budget.with_ledger(Ledger::open_in(place, variable)?)),
            None => Ok(budget),
        }
    }
}
