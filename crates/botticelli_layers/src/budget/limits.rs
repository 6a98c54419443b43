//! The limits of a budget.

use super::ledger::Ledger;
use super::limit::Limit;
use super::policy::{OnCreditsExhausted, OnUnknownPrice};
use crate::clock::SystemClock;
use botticelli_core::Usd;
use botticelli_error::{BotticelliError, BudgetPeriod, BudgetUnit, BuilderError};
use botticelli_interface::Clock;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Limits for the cost and the tokens of calls: per call, run, day and calendar month (in UTC).
///
/// Clones share the run and the ledger. Without [`with_ledger`](Self::with_ledger), the ledger is in memory and ends with the
/// process.
///
/// ```
/// use botticelli_core::Usd;
/// use botticelli_layers::budget::Budget;
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let budget = Budget::per_month(Usd::parse("0.10")?).with_per_call(Usd::parse("0.001")?).with_tokens_per_day(100_000);
/// budget.validate()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Budget {
    limits: [Limits; 4],
    pub(super) ledger: Ledger,
    pub(super) account: Arc<str>,
    credit_account: Option<Arc<str>>,
    pub(super) run: Arc<str>,
    pub(super) on_unknown_price: OnUnknownPrice,
    pub(super) on_credits_exhausted: OnCreditsExhausted,
    pub(super) max_wait: Option<Duration>,
    pub(super) clock: Arc<dyn Clock>,
}

/// The limits of one period.
#[derive(Clone, Copy, Debug, Default)]
struct Limits {
    nano_dollars: Option<u64>,
    tokens: Option<u64>,
}

/// The periods, from the shortest.
const PERIODS: [BudgetPeriod; 4] =
    [BudgetPeriod::Call, BudgetPeriod::Run, BudgetPeriod::Day, BudgetPeriod::Month];

macro_rules! limits {
    ($($index:literal $period:literal: $new:ident, $usd:ident, $new_tokens:ident, $tokens:ident;)*) => {$(
        #[doc = concat!("Returns a budget with a limit for the cost of ", $period, ".")]
        pub fn $new(limit: Usd) -> Self {
            Self::empty().$usd(limit)
        }

        #[doc = concat!("Returns a budget with a limit for the tokens of ", $period, ", prompt and completion together.")]
        pub fn $new_tokens(limit: u64) -> Self {
            Self::empty().$tokens(limit)
        }

        #[doc = concat!("Limits the cost of ", $period, ".")]
        pub fn $usd(mut self, limit: Usd) -> Self {
            self.limits_mut($index).nano_dollars = Some(limit.nano_dollars());
            self
        }

        #[doc = concat!("Limits the tokens of ", $period, ", prompt and completion together.")]
        pub fn $tokens(mut self, limit: u64) -> Self {
            self.limits_mut($index).tokens = Some(limit);
            self
        }
    )*};
}

impl Budget {
    limits! {
        0 "each call of the inner driver, with its retries": per_call, with_per_call, tokens_per_call, with_tokens_per_call;
        1 "the run": per_run, with_per_run, tokens_per_run, with_tokens_per_run;
        2 "a day in UTC": per_day, with_per_day, tokens_per_day, with_tokens_per_day;
        3 "a calendar month in UTC": per_month, with_per_month, tokens_per_month, with_tokens_per_month;
    }

    pub(super) fn empty() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Self {
            limits: [Limits::default(); 4],
            ledger: Ledger::memory(),
            account: "default".into(),
            credit_account: None,
            run: new_run(clock.wall_time()),
            on_unknown_price: OnUnknownPrice::default(),
            on_credits_exhausted: OnCreditsExhausted::default(),
            max_wait: None,
            clock,
        }
    }

    fn limits_mut(&mut self, index: usize) -> &mut Limits {
        let [call, run, day, month] = &mut self.limits;
        match index {
            0 => call,
            1 => run,
            2 => day,
            _ => month,
        }
    }

    /// Sets the ledger. Budgets with the same ledger and account share what is spent.
    pub fn with_ledger(mut self, ledger: Ledger) -> Self {
        self.ledger = ledger;
        self
    }

    /// Sets the name of the account that pays, for a ledger with several. Default: `default`.
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into().into();
        self
    }

    /// Sets the name of the credits that the calls use, if one account pays at several services. A service without credits then stops
    /// only its own calls. Default: the account.
    pub fn with_credit_account(mut self, credit_account: impl Into<String>) -> Self {
        self.credit_account = Some(credit_account.into().into());
        self
    }

    pub(super) fn credit_account(&self) -> &Arc<str> {
        self.credit_account.as_ref().unwrap_or(&self.account)
    }

    /// Sets the name of the run. Budgets with the same run and ledger share the limit per run. Default: a new name.
    pub fn with_run(mut self, run: impl Into<String>) -> Self {
        self.run = run.into().into();
        self
    }

    /// Sets the treatment of calls with an unknown price. Default: refuse.
    pub fn with_on_unknown_price(mut self, on_unknown_price: OnUnknownPrice) -> Self {
        self.on_unknown_price = on_unknown_price;
        self
    }

    /// Sets the treatment of calls after the service reported an account without credits. Default: refuse until the month ends.
    pub fn with_on_credits_exhausted(mut self, on_credits_exhausted: OnCreditsExhausted) -> Self {
        self.on_credits_exhausted = on_credits_exhausted;
        self
    }

    /// Lets a call wait up to this time, if only the reservations of calls in flight leave too little room. Default: such a call is
    /// refused.
    ///
    /// Waiting calls go in their order. The total timeout of a call ends its wait too. A retry never waits, because it holds a
    /// reservation for which others may wait. The reservations of a killed process do not end, so the call is refused after this time.
    pub fn with_max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = Some(max_wait);
        self
    }

    /// Sets the clock. It decides which day and month a call belongs to.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Checks that the limits can be used together. A call checks this too.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`]:
    ///
    /// - The budget has no limit, a token limit is 0, or a limit exceeds the limit of a longer period.
    /// - A name contains a control character, or the name of an account or a run contains a slash.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        let names = [
            ("account", Some(&self.account), true),
            ("run", Some(&self.run), true),
            // The address of a server, for example.
            ("credit_account", self.credit_account.as_ref(), false),
        ];
        for (field, name, is_part) in names {
            let Some(name) = name else { continue };
            let reason = if name.contains(char::is_control) {
                "it contains a control character"
            } else if is_part && name.contains('/') {
                "it contains a slash"
            } else {
                continue;
            };
            let remedy = "use letters, digits, spaces and dashes";
            return Err(BuilderError::refused("Budget", field, format!("{name:?}"), reason, remedy).into());
        }
        let all: Vec<Limit> = self.all().collect();
        if all.is_empty() {
            return Err(BuilderError::missing("Budget", "per_month", "set at least one limit").into());
        }
        for limit in &all {
            let name = limit.name();
            if limit.unit == BudgetUnit::Tokens && limit.most == 0 {
                let reason = "no call has 0 tokens";
                return Err(BuilderError::refused("Budget", name, "0", reason, "give 1 or more").into());
            }
            let is_longer = |other: &&Limit| {
                let at = |period| PERIODS.iter().position(|known| *known == period);
                // A run may last for months.
                other.unit == limit.unit
                    && at(other.period) > at(limit.period)
                    && (limit.period == BudgetPeriod::Call || other.period != BudgetPeriod::Run)
                    && limit.period != BudgetPeriod::Run
                    && other.most < limit.most
            };
            if let Some(longer) = all.iter().find(is_longer) {
                let reason = format!("`{}` is only {}", longer.name(), longer.amount());
                let remedy = format!("give at most {}", longer.amount());
                return Err(BuilderError::refused("Budget", name, limit.amount(), reason, remedy).into());
            }
        }
        Ok(())
    }

    /// Returns the limits that are set, from the shortest period.
    pub(super) fn all(&self) -> impl Iterator<Item = Limit> {
        PERIODS.into_iter().zip(self.limits).flat_map(|(period, limits)| {
            let dollars =
                limits.nano_dollars.map(|most| Limit { period, unit: BudgetUnit::NanoDollars, most });
            let tokens = limits.tokens.map(|most| Limit { period, unit: BudgetUnit::Tokens, most });
            [dollars, tokens].into_iter().flatten()
        })
    }
}

/// Returns the name of a new run, different from those of other processes and of earlier budgets.
fn new_run(now: SystemTime) -> Arc<str> {
    use std::hash::{BuildHasher, RandomState};
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{:016x}", since.as_secs(), RandomState::new().hash_one(std::process::id())).into()
}
