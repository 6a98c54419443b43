//! Calls that wait for the reservations of others to end.

use super::rules::Rules;
use super::store::{Decision, ReservationRequest};
use crate::total_limit::within;
use botticelli_error::BotticelliError;
use std::pin::pin;
use std::time::Duration;

/// Time after which a call that has the turn and does not ask is not polled. It asks at least once a second.
const PAUSED: Duration = Duration::from_secs(5);

/// Reserves, and waits up to `max_wait` if only the reservations of calls in flight leave too little room.
///
/// The calls of a budget wait in their order. The first one asks the ledger, and the others wait for it.
pub(super) async fn reserve(
    rules: &Rules,
    request: &mut ReservationRequest,
    max_wait: Duration,
) -> Result<Decision, BotticelliError> {
    // A call that exceeds a limit alone need not wait to learn it.
    if rules.queue.try_lock().is_ok() || request.exceeds_a_limit_alone() {
        let decision = now(rules, request).await?;
        if !decision.is_temporary(request.amount) {
            return Ok(decision);
        }
    }
    // Boxed, so that a call that gives up leaves the queue at once.
    let in_turn = Box::pin(in_turn(rules, request));
    match within(|| Some(max_wait), &*rules.budget.clock, in_turn).await {
        Some(decision) => decision,
        None => now(rules, request).await,
    }
}

async fn now(rules: &Rules, request: &mut ReservationRequest) -> Result<Decision, BotticelliError> {
    // The call counts in the period in which it is sent.
    request.terms = rules.terms();
    let ledger = &rules.budget.ledger.0;
    match ledger.reserve_now(request) {
        Some(decision) => Ok(decision),
        None => ledger.reserve(request).await,
    }
}

/// Reserves after the calls that came before.
async fn in_turn(rules: &Rules, request: &mut ReservationRequest) -> Result<Decision, BotticelliError> {
    let clock = &*rules.budget.clock;
    let mut turn = pin!(rules.queue.lock());
    let _turn = loop {
        if let Some(turn) = within(|| Some(PAUSED), clock, turn.as_mut()).await {
            break turn;
        }
        // A call that is not polled keeps its turn, but must not stop the others.
        if rules.is_quiet(PAUSED) {
            rules.ask();
            let decision = now(rules, request).await?;
            if !decision.is_temporary(request.amount) {
                return Ok(decision);
            }
        }
    };
    let mut tries = 0;
    loop {
        // Before the attempt, so that no end is missed.
        let end = rules.budget.ledger.0.next_end(tries, clock);
        rules.ask();
        let decision = now(rules, request).await?;
        if !decision.is_temporary(request.amount) {
            return Ok(decision);
        }
        end.await;
        tries = tries.saturating_add(1);
    }
}
