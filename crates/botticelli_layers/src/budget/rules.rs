//! A budget that is ready for calls.

use super::limit::Limit;
use super::limits::Budget;
use super::period::{Day, Periods};
use super::policy::OnUnknownPrice;
use botticelli_core::CostEstimate;
use botticelli_error::{BotticelliError, BudgetPeriod, BudgetUnit};
use std::sync::{Arc, Mutex, PoisonError};

/// A budget whose limits are checked and sorted, so that a call does no work twice.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) budget: Budget,
    /// The reason why the limits cannot be used.
    pub(super) problem: Option<BotticelliError>,
    pub(super) per_call: Arc<[Limit]>,
    pub(super) longer: Arc<[Limit]>,
    /// The periods of the latest call.
    periods: Arc<Mutex<Option<Arc<Periods>>>>,
}

impl Rules {
    pub(super) fn new(budget: Budget) -> Self {
        let (per_call, longer): (Vec<_>, Vec<_>) =
            budget.all().partition(|limit| limit.period == BudgetPeriod::Call);
        let problem = budget.validate().err();
        Self { problem, per_call: per_call.into(), longer: longer.into(), periods: Arc::default(), budget }
    }

    /// Returns the periods of now.
    pub(super) fn periods(&self) -> Arc<Periods> {
        let today = Day::of(self.budget.clock.wall_time());
        let mut latest = self.periods.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(periods) = latest.as_ref().filter(|periods| periods.day == today) {
            return periods.clone();
        }
        let has_run = self.longer.iter().any(|limit| limit.period == BudgetPeriod::Run);
        let run = Some(&*self.budget.run).filter(|_| has_run);
        let periods = Arc::new(Periods::new(today, &self.budget.account, run));
        *latest = Some(periods.clone());
        periods
    }

    /// Returns the limit that cannot hold, because the estimate does not state its unit.
    pub(super) fn unknown(&self, estimate: CostEstimate) -> Option<&Limit> {
        let is_unknown = |limit: &&Limit| match limit.unit {
            BudgetUnit::Tokens => estimate.tokens().is_none(),
            _ => estimate.nano_dollars().is_none(),
        };
        match self.budget.on_unknown_price {
            OnUnknownPrice::Refuse => self.per_call.iter().chain(&*self.longer).find(is_unknown),
            OnUnknownPrice::Allow => None,
        }
    }
}
