//! The reservation of one call.

use super::amount::Amount;
use super::ledger::Ledger;
use super::limit::Limit;
use super::period::Day;
use super::policy::{OnCreditsExhausted, OnUnknownPrice};
use super::rules::Rules;
use super::store::{Closing, Decision, Order, Refusal};
use crate::verb::{Request, Verb};
use botticelli_core::{CostEstimate, GenerateResponse, RetryGate, Usd};
use botticelli_error::{
    BotticelliError, BudgetError, BudgetErrorKind, BudgetPeriod, BudgetUnit, ErrorCategory,
};
use botticelli_interface::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The reservation of one call. If it is neither settled nor failed, it stays in the ledger.
#[derive(Debug)]
pub(super) struct Reservation {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    id: i64,
    order: Order,
    estimate: CostEstimate,
    per_call: Arc<[Limit]>,
    /// Retries after attempts that may be billed.
    retries: AtomicU64,
}

impl Reservation {
    /// Reserves the estimate of a request.
    pub(super) async fn open<V: Verb<D>, D: ?Sized + Sync>(
        rules: &Rules,
        driver: &D,
        request: &V::Request,
    ) -> Result<Arc<Self>, BotticelliError> {
        if let Some(problem) = &rules.problem {
            return Err(problem.clone());
        }
        let budget = &rules.budget;
        let model = request.model().or_else(|| V::model_name(driver)).unwrap_or("default");
        let estimate = match V::estimate(driver, request).await {
            // Without the catalog, the price is unknown, which the caller allows.
            Err(_) if budget.on_unknown_price == OnUnknownPrice::Allow => CostEstimate::unknown(),
            estimate => estimate?,
        };
        if let Some(limit) = rules.unknown(estimate) {
            let kind = BudgetErrorKind::UnknownPrice { model: model.to_owned(), unit: limit.unit };
            let left = if limit.unit == BudgetUnit::NanoDollars { limit.most } else { u64::MAX };
            return Err(suggest::<V, D>(driver, request, kind, left).await);
        }
        let order = Order {
            account: budget.account.clone(),
            payer: budget.payer().clone(),
            periods: rules.periods(),
            model: model.into(),
            amount: Amount::of_estimate(estimate),
            limits: rules.longer.clone(),
            // A server without prices needs no credits.
            needs_credits: budget.on_credits_exhausted == OnCreditsExhausted::Refuse
                && estimate.nano_dollars() != Some(0),
        };
        let decision = match exceeded_by_call(&rules.per_call, order.amount) {
            Some(exceeded) => Decision::Refused(exceeded),
            None => budget.ledger.0.reserve(&order).await?,
        };
        let id = match decision {
            Decision::Reserved(id) => id,
            Decision::Refused(refusal) => {
                let left = match refusal {
                    Refusal::Exceeded { limit, left } if limit.unit == BudgetUnit::NanoDollars => left,
                    _ => 0,
                };
                let kind = kind_of(&order, order.amount, refusal);
                return Err(suggest::<V, D>(driver, request, kind, left).await);
            }
        };
        Ok(Arc::new(Self {
            ledger: budget.ledger.clone(),
            clock: budget.clock.clone(),
            id,
            order,
            estimate,
            per_call: rules.per_call.clone(),
            retries: AtomicU64::new(0),
        }))
    }

    /// Returns a gate that reserves the estimate once more before each retry after an attempt that may be billed.
    pub(super) fn gate(self: &Arc<Self>, outer: Option<RetryGate>) -> RetryGate {
        let reservation = self.clone();
        RetryGate::new(move |error| {
            let (reservation, outer) = (reservation.clone(), outer.as_ref().map(|outer| outer.admit(error)));
            Box::pin(async move {
                if let Some(outer) = outer {
                    outer.await?;
                }
                reservation.extend().await
            })
        })
    }

    async fn extend(&self) -> Result<(), BotticelliError> {
        let attempts = self.retries.load(Ordering::Acquire).saturating_add(2);
        let total = self.order.amount.times(attempts);
        let (decision, needed) = if let Some(exceeded) = exceeded_by_call(&self.per_call, total) {
            (Decision::Refused(exceeded), total)
        } else {
            // A retry belongs to the period of its call, like the response.
            let order = Order { needs_credits: false, ..self.order.clone() };
            (self.ledger.0.extend(self.id, &order).await?, order.amount)
        };
        match decision {
            Decision::Reserved(_) => {
                self.retries.fetch_add(1, Ordering::AcqRel);
                Ok(())
            }
            Decision::Refused(refusal) => Err(BudgetError::new(kind_of(&self.order, needed, refusal)).into()),
        }
    }

    /// Settles the cost of a response. Returns a warning if the ledger fails: the reservation is then kept.
    pub(super) async fn settle(&self, response: &GenerateResponse) -> Option<String> {
        let (spent, unknown) = Amount::of_response(response, self.order.amount);
        let failed = self.order.amount.times(self.retries.load(Ordering::Acquire));
        let held = failed.plus(unknown);
        let provider = response.provider().unwrap_or_default().to_owned();
        self.close(Closing { spent, held, provider: Some(provider) }).await
    }

    /// Keeps or releases the reservation after an error, and records an account without credits.
    pub(super) async fn fail(&self, error: &BotticelliError) {
        let held = if error.may_be_billed() {
            self.order.amount.times(self.retries.load(Ordering::Acquire).saturating_add(1))
        } else {
            Amount::ZERO
        };
        self.close(Closing { held, ..Closing::default() }).await;
        if error.category() == ErrorCategory::CreditsExhausted
            && let Some(until) = Day::of(self.clock.wall_time()).end_of(BudgetPeriod::Month)
            && let Err(error) = self.ledger.0.set_exhausted(&self.order.payer, &until).await
        {
            tracing::warn!(%error, "the ledger could not record that the account has no credits");
        }
    }

    async fn close(&self, closing: Closing) -> Option<String> {
        match self.ledger.0.close(self.id, &closing).await {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(%error, "the ledger could not settle a call");
                let held = Usd::from_nano_dollars(self.estimate.nano_dollars().unwrap_or_default());
                Some(format!(
                    "the cost of this call could not be settled, and {held} stays reserved: {error}"
                ))
            }
        }
    }
}

/// Returns the limit per call that the amount exceeds.
fn exceeded_by_call(limits: &[Limit], amount: Amount) -> Option<Refusal> {
    let exceeded = limits.iter().find(|limit| limit.part(amount) > limit.most)?;
    Some(Refusal::Exceeded { limit: *exceeded, left: exceeded.most })
}

/// Returns the error of a refusal.
fn kind_of(order: &Order, needed: Amount, refusal: Refusal) -> BudgetErrorKind {
    match refusal {
        Refusal::Exceeded { limit, left } => BudgetErrorKind::Exceeded {
            period: limit.period,
            unit: limit.unit,
            limit: limit.most,
            left,
            needed: limit.part(needed),
            until: order.periods.day.end_of(limit.period),
        },
        Refusal::Exhausted { until } => {
            BudgetErrorKind::CreditsExhausted { account: order.payer.to_string(), until }
        }
    }
}

/// Adds the best route that fits into the rest of the budget.
async fn suggest<V: Verb<D>, D: ?Sized + Sync>(
    driver: &D,
    request: &V::Request,
    kind: BudgetErrorKind,
    left: u64,
) -> BotticelliError {
    let error = BudgetError::new(kind);
    // A failed lookup only leaves the suggestion out.
    let routes = V::cheaper_routes(driver, request, left).await.unwrap_or_default();
    match routes.into_iter().next() {
        Some(route) => error.with_cheaper(route.route, route.nano_dollars).into(),
        None => error.into(),
    }
}
