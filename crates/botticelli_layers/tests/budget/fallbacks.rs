//! A budget around a fallback.
#![cfg(feature = "fallback")]

use crate::common::{Attempt, Service, noon};
use botticelli_core::{CostEstimate, Usd};
use botticelli_error::{BotticelliErrorKind, BudgetErrorKind, ErrorCategory};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Ledger, OnUnknownPrice};
use botticelli_layers::fallback::FallbackDriver;
use std::time::Duration;

fn budget(ledger: &Ledger) -> Budget {
    Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(noon(0)).with_ledger(ledger.clone())
}

fn service(most: u64, script: impl IntoIterator<Item = Attempt>) -> Service {
    Service::new(CostEstimate::at_most(most), script)
}

#[tokio::test]
async fn credits_that_another_route_covered_for_are_recorded() {
    let ledger = Ledger::memory();
    let fallback = FallbackDriver::new(service(100, [Attempt::NoCredits]))
        .or("second", service(90, [Attempt::Answer(5)]))
        .with_cool_down(Duration::ZERO);
    let response = fallback.with_budget(budget(&ledger)).generate("Hi".into()).await.unwrap();
    assert_eq!(response.skipped_routes()[0].category(), Some(ErrorCategory::CreditsExhausted));
    // Another driver with the same credits is not asked.
    let other = service(100, [Attempt::Answer(5)]).with_budget(budget(&ledger));
    let error = other.generate("Hi".into()).await.unwrap_err();
    assert_eq!((error.category(), other.inner().sent()), (ErrorCategory::CreditsExhausted, 0));
}

/// The cost is known, so that dropping the call must not keep the whole estimate.
#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_call_that_is_dropped_while_it_settles_keeps_its_cost() {
    use futures::FutureExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::file(&path).unwrap();
    let second = service(90, [Attempt::Answer(5)]);
    let fallback = FallbackDriver::new(service(100, [Attempt::NoCredits])).or("second", second.clone());
    let driver = fallback.with_budget(budget(&ledger));
    let mut call = driver.generate("Hi".into());
    assert!((&mut call).now_or_never().is_none());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for _ in 0..5 {
        assert!((&mut call).now_or_never().is_none());
    }
    assert_eq!(second.billed(), 5);
    drop(call);
    other.execute_batch("ROLLBACK").unwrap();
    let total = ledger.report().await.unwrap().total();
    assert_eq!((total.spent.nano_dollars(), total.held.nano_dollars()), (5, 0));
}

#[tokio::test]
async fn a_free_route_answers_without_credits() {
    let ledger = Ledger::memory();
    let free = service(0, [Attempt::Answer(0), Attempt::Answer(0)]);
    let fallback = FallbackDriver::new(service(100, [Attempt::NoCredits, Attempt::NoCredits]))
        .or("own machine", free.clone())
        .with_cool_down(Duration::ZERO);
    let driver = fallback.with_budget(budget(&ledger));
    for sent in [1, 2] {
        driver.generate("Hi".into()).await.unwrap();
        assert_eq!(free.sent(), sent);
    }
}

#[tokio::test]
async fn the_estimate_is_that_of_the_dearest_route() {
    let fallback =
        FallbackDriver::new(service(10, [])).or("second", service(30, [])).or("third", service(20, []));
    let estimate = fallback.estimate(&"Hi".into()).await.unwrap();
    assert_eq!((estimate.nano_dollars(), estimate.has_free_route()), (Some(30), false));
    let estimate = fallback.or("fourth", service(0, [])).estimate(&"Hi".into()).await.unwrap();
    assert_eq!((estimate.nano_dollars(), estimate.has_free_route()), (Some(30), true));
}

#[tokio::test]
async fn a_route_without_an_estimate_makes_it_unknown_and_fails_nothing() {
    for at in 0..2 {
        let route = |index: usize| {
            let service = service(10, [Attempt::Answer(4)]);
            if index == at { service.without_catalog() } else { service }
        };
        let fallback = FallbackDriver::new(route(0)).or("second", route(1));
        assert_eq!(fallback.estimate(&"Hi".into()).await.unwrap(), CostEstimate::unknown());

        let ledger = Ledger::memory();
        let strict = fallback.clone().with_budget(budget(&ledger));
        let error = strict.generate("Hi".into()).await.unwrap_err();
        let BotticelliErrorKind::Budget(refusal) = error.kind() else { panic!("{error}") };
        assert!(matches!(refusal.kind(), BudgetErrorKind::UnknownPrice { .. }), "{error}");
        let budget = budget(&ledger).with_on_unknown_price(OnUnknownPrice::Allow);
        fallback.with_budget(budget).generate("Hi".into()).await.unwrap();
        assert_eq!(ledger.report().await.unwrap().total().spent, Usd::from_nano_dollars(4));
    }
    // If no route has an estimate, the failure says why.
    let fallback = FallbackDriver::new(service(10, []).without_catalog());
    let error = fallback.estimate(&"Hi".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Interrupted);
}
