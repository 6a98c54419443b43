//! The reservation of one call.

use super::amount::Amount;
use super::limit::Limit;
use super::period::Day;
use super::policy::{OnCreditsExhausted, OnUnknownPrice};
use super::rules::Rules;
use super::store::{Decision, LedgerStore, Refusal, ReservationRequest, Settlement};
use super::wait;
use crate::total_limit::Deadline;
use crate::verb::{Request, Response, Verb};
use botticelli_core::{CostEstimate, RetryGate, SentFlag, Usd};
use botticelli_error::{
    BotticelliError, BudgetError, BudgetErrorKind, BudgetPeriod, BudgetUnit, ErrorCategory,
};
use futures::future::{BoxFuture, Either};
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The reservation of one call.
///
/// If it is neither settled nor failed, it stays in the ledger, except for attempts that were certainly not sent.
#[derive(Debug)]
pub(super) struct Reservation {
    rules: Arc<Rules>,
    id: i64,
    ledger_request: ReservationRequest,
    estimate: CostEstimate,
    /// Retries after attempts that may be billed.
    retries: AtomicU64,
    /// Record of whether the current attempt was sent.
    sent: SentFlag,
    /// `true` if the driver sets the record.
    is_reported: bool,
    /// The time of the call, which includes its settlement.
    deadline: Deadline,
    end: Mutex<End>,
}

/// The note of an error that prevents an estimate. Such an error looks like one of the call.
const NO_ESTIMATE: &str = "The budget could not estimate the cost of the call, so nothing was sent.";

/// The end of a reservation.
#[derive(Debug)]
enum End {
    Open,
    /// The ledger is being asked to write this.
    Writing(Settlement),
    Closed,
}

impl Reservation {
    /// Reserves the estimate of a request.
    pub(super) async fn open<V: Verb<D>, D: ?Sized + Sync>(
        rules: &Arc<Rules>,
        driver: &D,
        request: &V::Request,
        deadline: Deadline,
    ) -> Result<Arc<Self>, BotticelliError> {
        if let Some(problem) = &rules.problem {
            return Err(problem.clone());
        }
        let budget = &rules.budget;
        let model = request.model().or_else(|| V::model_name(driver)).unwrap_or("default");
        let flag = request.sent_flag().cloned();
        let estimate = match V::estimate(driver, request).await {
            // Without the catalog, the price is unknown, which the caller allows.
            Err(_) if budget.on_unknown_price == OnUnknownPrice::Allow => CostEstimate::unknown(),
            estimate => estimate.map_err(|error| error.with_note(NO_ESTIMATE))?,
        };
        let mut ledger_request = ReservationRequest {
            terms: rules.terms(),
            model: rules.latest_model.share(model),
            amount: Amount::of_estimate(estimate),
            // A server without prices needs no credits.
            needs_credits: budget.on_credits_exhausted == OnCreditsExhausted::Refuse
                && !estimate.has_free_route(),
        };
        let unknown = rules.unknown(estimate).map(|limit| limit.unit);
        if let Some(unit) = unknown {
            let error = BudgetError::new(BudgetErrorKind::UnknownPrice { model: model.to_owned(), unit });
            return Err(Box::pin(suggest::<V, D>(rules, driver, request, &ledger_request, error)).await);
        }
        let decision = match exceeded_by_call(&rules.per_call, ledger_request.amount) {
            Some(exceeded) => Decision::Refused(exceeded),
            // One pointer, whatever the call waits for, keeps its future small.
            None => match decide(rules, &mut ledger_request) {
                Either::Left(decision) => decision,
                Either::Right(decision) => decision.await?,
            },
        };
        let id = match decision {
            Decision::Reserved(id) => id,
            Decision::Refused(refusal) => {
                let error = error_of(&ledger_request, ledger_request.amount, refusal);
                return Err(Box::pin(suggest::<V, D>(rules, driver, request, &ledger_request, error)).await);
            }
        };
        Ok(Arc::new(Self {
            rules: rules.clone(),
            id,
            ledger_request,
            estimate,
            retries: AtomicU64::new(0),
            // Budgets around each other share the record.
            sent: flag.unwrap_or_default(),
            is_reported: V::reports_sends(driver),
            deadline,
            end: Mutex::new(End::Open),
        }))
    }

    /// Returns the request with the gate and the record of this reservation.
    pub(super) fn on<R: Request>(self: &Arc<Self>, request: R) -> R {
        let gate = self.gate(request.retry_gate().cloned());
        request.with_retry_gate(gate).with_sent_flag(self.sent.clone())
    }

    /// Returns a gate that reserves the estimate once more before each retry after an attempt that may be billed.
    fn gate(self: &Arc<Self>, outer: Option<RetryGate>) -> RetryGate {
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
        let part = self.retries.load(Ordering::Acquire).saturating_add(2);
        let total = self.ledger_request.amount.times(part);
        let (decision, needed) = if let Some(exceeded) = exceeded_by_call(&self.rules.per_call, total) {
            (Decision::Refused(exceeded), total)
        } else {
            // A retry belongs to the period of its call, like the response.
            let ledger_request = ReservationRequest { needs_credits: false, ..self.ledger_request.clone() };
            (self.ledger().extend(self.id, part, &ledger_request).await?, ledger_request.amount)
        };
        match decision {
            Decision::Reserved(_) => {
                self.retries.fetch_add(1, Ordering::AcqRel);
                Ok(())
            }
            Decision::Refused(refusal) => Err(error_of(&self.ledger_request, needed, refusal).into()),
        }
    }

    /// Settles the cost of a response. Returns a warning if the ledger fails: the reservation is then kept.
    pub(super) async fn settle(&self, response: &impl Response) -> Option<String> {
        let (spent, unknown) = Amount::of_response(response, self.ledger_request.amount);
        let held = self.of_retries().plus(unknown);
        let provider = self.rules.latest_provider.share(response.provider().unwrap_or_default());
        let is_unpriced =
            self.has_no_price() && !response.is_cached() && response.cost().nano_dollars().is_none();
        let warning = self.close(Settlement { spent, held, provider: Some(provider), is_unpriced }).await;
        if !response.is_cached() && response.has_exhausted_route() {
            Box::pin(self.record_exhausted()).await;
        }
        warning
    }

    /// Keeps or releases the reservation after an error, and records an account without credits.
    pub(super) async fn fail(&self, error: &BotticelliError) {
        let settlement = if error.may_be_billed() { self.unsettled() } else { Settlement::default() };
        self.close(settlement).await;
        if error.category() == ErrorCategory::CreditsExhausted {
            Box::pin(self.record_exhausted()).await;
        }
    }

    fn ledger(&self) -> &dyn LedgerStore {
        &*self.rules.budget.ledger.0
    }

    /// Waits for the ledger, within the time of the call.
    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, BotticelliError>> + Send + Unpin,
    ) -> Result<T, BotticelliError> {
        self.deadline.bound(&*self.rules.budget.clock, "the ledger", work).await?
    }

    async fn record_exhausted(&self) {
        if let Some(until) = Day::of(self.rules.budget.clock.wall_time()).end_of(BudgetPeriod::Month)
            && let Err(error) = self
                .within(self.ledger().set_exhausted(&self.ledger_request.terms.credit_account, &until))
                .await
        {
            tracing::warn!(%error, "the ledger could not record that the account has no credits");
        }
    }

    /// Returns the bound of the attempts before the current one.
    fn of_retries(&self) -> Amount {
        self.ledger_request.amount.times(self.retries.load(Ordering::Acquire))
    }

    /// Returns the end of a call whose cost is unknown: the bound of all attempts that may have been sent is kept.
    fn unsettled(&self) -> Settlement {
        let (retries, is_unsent) = (self.retries.load(Ordering::Acquire), self.is_unsent());
        let attempts = if is_unsent { retries } else { retries.saturating_add(1) };
        Settlement {
            held: self.ledger_request.amount.times(attempts),
            is_unpriced: attempts > 0 && self.has_no_price(),
            ..Settlement::default()
        }
    }

    /// Returns whether the cost of the call has no bound.
    fn has_no_price(&self) -> bool {
        self.estimate.nano_dollars().is_none()
    }

    /// Returns whether the current attempt was certainly not sent.
    fn is_unsent(&self) -> bool {
        self.is_reported && !self.sent.is_set()
    }

    fn end(&self, end: End) -> End {
        mem::replace(&mut *self.end.lock().unwrap_or_else(PoisonError::into_inner), end)
    }

    async fn close(&self, settlement: Settlement) -> Option<String> {
        if self.ledger().close_now(self.id, &settlement) {
            self.end(End::Closed);
            return None;
        }
        self.end(End::Writing(settlement.clone()));
        match Box::pin(self.within(self.ledger().close(self.id, &settlement))).await {
            Ok(()) => {
                self.end(End::Closed);
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger could not settle a call");
                // The end is written later, when the reservation is dropped.
                let held = if self.estimate.nano_dollars().is_some() {
                    let held = self.ledger_request.amount.plus(self.of_retries());
                    format!("{} stays reserved", Usd::from_nano_dollars(held.nano_dollars))
                } else {
                    "it does not count".to_owned()
                };
                Some(format!(
                    "the cost of this call could not be settled, and {held} until the ledger can be written: {error}"
                ))
            }
        }
    }
}

/// Reserves now, or returns the future that reserves.
fn decide<'a>(
    rules: &'a Rules,
    request: &'a mut ReservationRequest,
) -> Either<Decision, BoxFuture<'a, Result<Decision, BotticelliError>>> {
    if let Some(max_wait) = rules.budget.max_wait {
        return Either::Right(Box::pin(wait::reserve(rules, request, max_wait)));
    }
    let ledger = &rules.budget.ledger.0;
    match ledger.reserve_now(request) {
        Some(decision) => Either::Left(decision),
        None => Either::Right(ledger.reserve(request)),
    }
}

/// Returns the limit per call that the amount exceeds.
fn exceeded_by_call(limits: &[Limit], amount: Amount) -> Option<Refusal> {
    let exceeded = limits.iter().find(|limit| limit.part(amount) > limit.most)?;
    Some(Refusal::Exceeded { limit: *exceeded, left: exceeded.most, reserved: 0 })
}

/// Returns the error of a refusal.
fn error_of(ledger_request: &ReservationRequest, needed: Amount, refusal: Refusal) -> BudgetError {
    match refusal {
        Refusal::Exceeded { limit, left, reserved } => BudgetError::new(BudgetErrorKind::Exceeded {
            period: limit.period,
            unit: limit.unit,
            limit: limit.most,
            left,
            needed: limit.part(needed),
            until: ledger_request.terms.periods.day.end_of(limit.period),
        })
        .with_reserved(reserved),
        Refusal::Exhausted { until } => BudgetError::new(BudgetErrorKind::CreditsExhausted {
            account: ledger_request.terms.credit_account.to_string(),
            until,
        }),
    }
}

/// Adds the best route that fits into the rest of all limits. Refusals are rare, so the callers box the future.
async fn suggest<V: Verb<D>, D: ?Sized + Sync>(
    rules: &Rules,
    driver: &D,
    request: &V::Request,
    ledger_request: &ReservationRequest,
    error: BudgetError,
) -> BotticelliError {
    let has_credits = !matches!(error.kind(), BudgetErrorKind::CreditsExhausted { .. });
    let needs_tokens = matches!(error.kind(), BudgetErrorKind::UnknownPrice { unit: BudgetUnit::Tokens, .. });
    // A failed lookup only leaves the suggestion out.
    let Ok(rest) = rules.budget.ledger.0.rest(ledger_request).await else { return error.into() };
    let rest = rules.per_call.iter().fold(rest, |rest, limit| limit.applied(rest, Amount::ZERO));
    // Another route takes as many tokens.
    if needs_tokens || ledger_request.amount.tokens > rest.tokens {
        return error.into();
    }
    let left = if has_credits { rest.nano_dollars } else { 0 };
    let routes = V::cheaper_routes(driver, request, left).await.unwrap_or_default();
    match routes.into_iter().next() {
        Some(route) => error.with_cheaper(route.route, route.nano_dollars).into(),
        None => error.into(),
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let end = self.end.get_mut().unwrap_or_else(PoisonError::into_inner);
        let settlement = match mem::replace(end, End::Closed) {
            // The call was dropped. It is not in flight, so that its reservation is not open any more.
            End::Open => self.unsettled(),
            // The call was dropped while the ledger was asked, or the ledger failed.
            End::Writing(settlement) => settlement,
            End::Closed => return,
        };
        self.ledger().close_later(self.id, settlement);
    }
}
