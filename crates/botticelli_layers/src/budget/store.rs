//! The operations of a ledger, whatever keeps it.

use super::amount::Amount;
use super::limit::Limit;
use super::period::Periods;
use super::report::LedgerReport;
use async_trait::async_trait;
use botticelli_error::BotticelliError;
#[cfg(feature = "redis")]
use botticelli_error::{BudgetPeriod, BudgetUnit};
use botticelli_interface::Clock;
use futures::future::BoxFuture;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// The name of the store in errors.
pub(super) const LEDGER: &str = "ledger";

/// Pause before a ledger outside of the process is asked again.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// Longest pause before a ledger outside of the process is asked again.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Keeps the amounts of a ledger. Each operation happens as a whole or not at all, for all processes that share the store.
#[async_trait]
pub(super) trait LedgerStore: Debug + Send + Sync {
    /// Reserves at once, if the store is in memory.
    fn reserve_now(&self, _: &ReservationRequest) -> Option<Decision> {
        None
    }

    /// Closes at once, if the store is in memory, and returns whether it did.
    fn close_now(&self, _: i64, _: &Settlement) -> bool {
        false
    }

    /// Reserves an amount, unless it exceeds a limit or the account has no credits.
    async fn reserve(&self, request: &ReservationRequest) -> Result<Decision, BotticelliError>;

    /// Returns a future that ends when a reservation may have ended, at the latest after a second. `tries` is the number of earlier ones.
    fn next_end(&self, tries: u32, clock: &dyn Clock) -> BoxFuture<'static, ()> {
        let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(tries));
        clock.sleep(pause.min(LONGEST_PAUSE))
    }

    /// Adds a part to a reservation, unless that exceeds a limit. The reservation itself is part 1.
    async fn extend(
        &self,
        id: i64,
        part: u64,
        request: &ReservationRequest,
    ) -> Result<Decision, BotticelliError>;

    /// Replaces a reservation by what is spent and what is held. The rest is free again.
    async fn close(&self, id: i64, settlement: &Settlement) -> Result<(), BotticelliError>;

    /// Closes a reservation without waiting: now, or before the next operation. A second end of the same reservation has no effect.
    fn close_later(&self, id: i64, settlement: Settlement);

    /// Returns the smallest rest of the limits of a request, in dollars and in tokens.
    async fn rest(&self, request: &ReservationRequest) -> Result<Amount, BotticelliError>;

    /// Records that a credit account has no credits until a date.
    async fn set_exhausted(&self, credit_account: &str, until: &str) -> Result<(), BotticelliError>;

    /// Forgets that a credit account has no credits.
    async fn clear_exhausted(&self, credit_account: &str) -> Result<(), BotticelliError>;

    /// Returns the amounts by day, model and provider.
    async fn report(&self) -> Result<LedgerReport, BotticelliError>;
}

/// The terms of a budget on one day, which the reservations of the day share.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) account: Arc<str>,
    /// Name of the credits that the calls use.
    pub(super) credit_account: Arc<str>,
    /// The periods that the reservations count in.
    pub(super) periods: Periods,
    /// The limits of periods longer than a call.
    pub(super) limits: Vec<Limit>,
}

/// A reservation to make. Clones share everything but the amount.
#[derive(Clone, Debug)]
pub(super) struct ReservationRequest {
    pub(super) terms: Arc<Terms>,
    pub(super) model: Arc<str>,
    pub(super) amount: Amount,
    /// `true` if a credit account without credits refuses the reservation.
    pub(super) needs_credits: bool,
}

impl ReservationRequest {
    /// Returns the limits of a period, in dollars and in tokens.
    #[cfg(feature = "redis")]
    pub(super) fn limits_of(&self, period: BudgetPeriod) -> [Option<Limit>; 2] {
        [BudgetUnit::NanoDollars, BudgetUnit::Tokens].map(|unit| {
            self.terms.limits.iter().copied().find(|limit| limit.period == period && limit.unit == unit)
        })
    }

    /// Returns a limit that the amount exceeds, given the used amount of each period by its number and its name in the store, and the
    /// part of it that open reservations have.
    pub(super) fn exceeded<E>(
        &self,
        used: impl Fn(usize, &str) -> Result<Amount, E>,
        reserved: impl Fn(usize, &str) -> Result<Amount, E>,
    ) -> Result<Option<Refusal>, E> {
        for limit in &self.terms.limits {
            let Some((number, scope)) = self.terms.periods.scope(limit.period) else { continue };
            let left = limit.most.saturating_sub(limit.part(used(number, scope)?));
            if limit.part(self.amount) > left {
                return self.refusal(used, reserved);
            }
        }
        Ok(None)
    }

    /// Returns the refusal of the first limit that is exceeded even without the open reservations, or else of the first one.
    #[cold]
    fn refusal<E>(
        &self,
        used: impl Fn(usize, &str) -> Result<Amount, E>,
        reserved: impl Fn(usize, &str) -> Result<Amount, E>,
    ) -> Result<Option<Refusal>, E> {
        let mut first = None;
        for limit in &self.terms.limits {
            let Some((number, scope)) = self.terms.periods.scope(limit.period) else { continue };
            let used = used(number, scope)?;
            let left = limit.most.saturating_sub(limit.part(used));
            let needed = limit.part(self.amount);
            if needed <= left {
                continue;
            }
            let lasting = limit.part(used.minus(reserved(number, scope)?));
            let reserved = limit.most.saturating_sub(lasting).saturating_sub(left);
            let refusal = Refusal::Exceeded { limit: *limit, left, reserved };
            if needed > left.saturating_add(reserved) {
                return Ok(Some(refusal));
            }
            first = first.or(Some(refusal));
        }
        Ok(first)
    }

    /// Returns whether the amount exceeds a limit even if nothing is used.
    pub(super) fn exceeds_a_limit_alone(&self) -> bool {
        self.terms.limits.iter().any(|limit| limit.part(self.amount) > limit.most)
    }

    /// Returns the smallest rest of the limits, given the used amount of each period by its name in the store.
    pub(super) fn rest<E>(&self, mut used: impl FnMut(&str) -> Result<Amount, E>) -> Result<Amount, E> {
        let mut rest = Amount::MAX;
        for limit in &self.terms.limits {
            let Some((_, scope)) = self.terms.periods.scope(limit.period) else { continue };
            rest = limit.applied(rest, used(scope)?);
        }
        Ok(rest)
    }
}

/// The decision about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The amount is reserved under this id.
    Reserved(i64),
    /// Nothing is reserved.
    Refused(Refusal),
}

impl Decision {
    /// Returns whether a request for this amount may fit when open reservations end.
    pub(super) fn is_temporary(&self, amount: Amount) -> bool {
        match self {
            Self::Refused(Refusal::Exceeded { limit, left, reserved }) => {
                limit.part(amount) <= left.saturating_add(*reserved)
            }
            _ => false,
        }
    }
}

/// The reason why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The amount exceeds a limit, of which `left` is left, and `reserved` more would be left without the open reservations.
    Exceeded { limit: Limit, left: u64, reserved: u64 },
    /// The credit account has no credits until this date.
    Exhausted { until: String },
}

/// The end of a reservation. Clones share the provider.
#[derive(Clone, Debug, Default)]
pub(super) struct Settlement {
    /// Cost and tokens that the response states.
    pub(super) spent: Amount,
    /// Upper bound of what may be billed in addition.
    pub(super) held: Amount,
    /// Provider that served the response.
    pub(super) provider: Option<Arc<str>>,
    /// `true` if the call may be billed, and its cost is neither stated nor bounded.
    pub(super) is_unpriced: bool,
}

impl Settlement {
    /// Returns whether the call is a part of the report.
    pub(super) fn is_recorded(&self) -> bool {
        self.is_unpriced || self.provider.is_some() || self.spent.plus(self.held) != Amount::ZERO
    }
}
