//! A budget that is ready for calls.

use super::latest_name::LatestName;
use super::limit::Limit;
use super::limits::Budget;
use super::period::{Day, Periods};
use super::policy::OnUnknownPrice;
use super::store::Terms;
use botticelli_core::CostEstimate;
use botticelli_error::{BotticelliError, BudgetPeriod, BudgetUnit};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A budget whose limits are checked and sorted, so that a call does no work twice.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) budget: Budget,
    /// The reason why the limits cannot be used.
    pub(super) problem: Option<BotticelliError>,
    pub(super) per_call: Vec<Limit>,
    longer: Vec<Limit>,
    /// The terms of the latest call.
    terms: Mutex<Option<Arc<Terms>>>,
    pub(super) latest_model: LatestName,
    pub(super) latest_provider: LatestName,
    /// The calls that wait for others to end, the first one with the lock.
    pub(super) queue: tokio::sync::Mutex<()>,
    /// The last time when a waiting call asked the ledger.
    asked: Mutex<Option<Instant>>,
}

impl Rules {
    pub(super) fn new(budget: Budget) -> Self {
        let (per_call, longer) = budget.all().partition(|limit| limit.period == BudgetPeriod::Call);
        Self {
            problem: budget.validate().err(),
            per_call,
            longer,
            terms: Mutex::default(),
            latest_model: LatestName::default(),
            latest_provider: LatestName::default(),
            queue: tokio::sync::Mutex::default(),
            asked: Mutex::default(),
            budget,
        }
    }

    /// Returns the terms of now.
    pub(super) fn terms(&self) -> Arc<Terms> {
        let today = Day::of(self.budget.clock.wall_time());
        let mut latest = self.terms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(terms) = latest.as_ref().filter(|terms| terms.periods.day == today) {
            return terms.clone();
        }
        let has_run = self.longer.iter().any(|limit| limit.period == BudgetPeriod::Run);
        let run = Some(&*self.budget.run).filter(|_| has_run);
        let terms = Arc::new(Terms {
            account: self.budget.account.clone(),
            credit_account: self.budget.credit_account().clone(),
            periods: Periods::new(today, &self.budget.account, run),
            limits: self.longer.clone(),
        });
        *latest = Some(terms.clone());
        terms
    }

    /// Records that a waiting call asks the ledger.
    pub(super) fn ask(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.budget.clock.now());
    }

    /// Returns whether no waiting call has asked the ledger for this time.
    pub(super) fn is_quiet(&self, time: Duration) -> bool {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.budget.clock.now();
        asked.is_none_or(|asked| now.saturating_duration_since(asked) >= time)
    }

    /// Returns the limit that cannot hold, because the estimate does not state its unit.
    pub(super) fn unknown(&self, estimate: CostEstimate) -> Option<&Limit> {
        let is_unknown = |limit: &&Limit| match limit.unit {
            BudgetUnit::Tokens => estimate.tokens().is_none(),
            _ => estimate.nano_dollars().is_none(),
        };
        match self.budget.on_unknown_price {
            OnUnknownPrice::Refuse => self.per_call.iter().chain(&self.longer).find(is_unknown),
            OnUnknownPrice::Allow => None,
        }
    }
}
