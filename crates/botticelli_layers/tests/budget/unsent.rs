//! A call that ends before anything is sent releases its reservation.

use crate::common::{Attempt, Service, noon, whole};
use botticelli_core::{CostEstimate, GenerateRequest, Usd};
use botticelli_error::ErrorCategory;
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Ledger};
use futures::{FutureExt, StreamExt};
use std::sync::Arc;

fn service(script: impl IntoIterator<Item = Attempt>) -> Service {
    Service::new(CostEstimate::at_most(100), script)
}

fn budget(ledger: &Ledger) -> Budget {
    Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(noon(0)).with_ledger(ledger.clone())
}

/// Returns the spent and the held nano-dollars.
async fn books(ledger: &Ledger) -> (u64, u64) {
    let total = ledger.report().await.unwrap().total();
    (total.spent.nano_dollars(), total.held.nano_dollars())
}

/// Polls a call a few times, and drops it.
fn drop_after_polls<T>(call: impl Future<Output = T>) {
    let mut call = Box::pin(call);
    for _ in 0..3 {
        assert!((&mut call).now_or_never().is_none());
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_before_it_is_sent_costs_nothing() {
    for (reports, held) in [(true, 0), (false, 200)] {
        let ledger = Ledger::memory();
        let mut service = service([Attempt::Lookup, Attempt::Lookup]);
        if reports {
            service = service.reporting();
        }
        let driver = service.with_budget(budget(&ledger));
        drop_after_polls(driver.generate("Hi".into()));
        drop_after_polls(driver.complete_stream("Hi".into()));
        assert_eq!(books(&ledger).await, (0, held), "{reports}");
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_after_it_was_sent_keeps_its_reservation() {
    let ledger = Ledger::memory();
    let script = [Attempt::Hang(50), Attempt::Answer(10)];
    let driver = service(script).reporting().with_budget(budget(&ledger));
    drop_after_polls(driver.generate("Hi".into()));
    assert_eq!(books(&ledger).await, (0, 100));
    // A stream that is dropped after its first chunk.
    let mut stream = driver.generate_stream("Hi".into()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(books(&ledger).await, (0, 200));
}

#[tokio::test]
async fn a_timeout_before_the_call_is_sent_costs_nothing() {
    let ledger = Ledger::memory();
    let driver = service([Attempt::LookupTimeout]).reporting().with_budget(budget(&ledger));
    let error = driver.generate("Hi".into()).await.unwrap_err();
    // From outside, the call may be billed.
    assert_eq!((error.category(), error.may_be_billed()), (ErrorCategory::Timeout, true));
    assert_eq!(books(&ledger).await, (0, 0));
}

#[tokio::test]
async fn a_dropped_retry_that_was_not_sent_costs_only_the_attempts_before_it() {
    let ledger = Ledger::memory();
    let driver = service([Attempt::Cut(9), Attempt::Lookup]).reporting().with_budget(budget(&ledger));
    drop_after_polls(driver.generate("Hi".into()));
    assert_eq!(books(&ledger).await, (0, 100));
}

#[cfg(feature = "rate-limit")]
#[tokio::test]
async fn a_call_that_is_dropped_in_a_queue_costs_nothing() {
    use botticelli_layers::rate_limit::RateLimit;
    let ledger = Ledger::memory();
    let limited = service([Attempt::Hang(50)]).reporting().with_rate_limit(RateLimit::max_in_flight(1));
    let driver = limited.with_budget(budget(&ledger));
    let mut first = driver.generate("Hi".into());
    assert!((&mut first).now_or_never().is_none());
    drop_after_polls(driver.generate("Hi".into()));
    drop_after_polls(driver.generate_stream("Hi".into()));
    drop(first);
    assert_eq!(books(&ledger).await, (0, 100));
}

#[tokio::test]
async fn budgets_around_each_other_release_together() {
    let (outer, inner) = (Ledger::memory(), Ledger::memory());
    let service = service([Attempt::Lookup, Attempt::Hang(1)]).reporting();
    let driver = service.with_budget(budget(&inner)).with_budget(budget(&outer));
    drop_after_polls(driver.generate("Hi".into()));
    assert_eq!((books(&outer).await, books(&inner).await), ((0, 0), (0, 0)));
    drop_after_polls(driver.generate("Hi".into()));
    assert_eq!((books(&outer).await, books(&inner).await), ((0, 100), (0, 100)));
}

#[cfg(feature = "cache")]
#[tokio::test]
async fn a_shared_call_that_was_sent_keeps_the_reservation_of_the_caller_who_began_it() {
    use botticelli_layers::cache::Cache;
    let ledger = Ledger::memory();
    let cached = service([Attempt::Hang(50)]).reporting().with_cache(Cache::memory());
    let driver = cached.with_budget(budget(&ledger));
    let request = || GenerateRequest::from("Hi").with_temperature(0.0);
    let mut first = driver.generate(request());
    assert!((&mut first).now_or_never().is_none());
    drop_after_polls(driver.generate(request()));
    assert_eq!(books(&ledger).await, (0, 100));
    drop(first);
    assert_eq!(books(&ledger).await, (0, 100));
}

#[cfg(feature = "fallback")]
#[tokio::test]
async fn a_route_that_does_not_report_keeps_the_reservation() {
    use botticelli_layers::fallback::FallbackDriver;
    for (reports, held) in [(true, 0), (false, 100)] {
        let ledger = Ledger::memory();
        let first: Arc<dyn BotticelliDriver> = Arc::new(service([Attempt::NoCredits]).reporting());
        let second = service([Attempt::Lookup]);
        let second = if reports { second.reporting() } else { second };
        let driver = FallbackDriver::new(first).with_fallback(second).with_budget(budget(&ledger));
        drop_after_polls(driver.generate("Hi".into()));
        assert_eq!(books(&ledger).await, (0, held), "{reports}");
    }
}

/// Another process holds the file while the call is dropped.
#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_release_waits_until_the_file_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::file(&path).unwrap();
    let driver = service([Attempt::Lookup, Attempt::Answer(7)]).reporting().with_budget(budget(&ledger));
    let mut call = Box::pin(driver.generate("Hi".into()));
    assert!((&mut call).now_or_never().is_none());
    assert_eq!(books(&ledger).await, (0, 100));

    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    drop(call);
    other.execute_batch("ROLLBACK").unwrap();
    // Read by another connection, which shares nothing but the file.
    assert_eq!(books(&Ledger::file(&path).unwrap()).await, (0, 100));
    whole(driver.generate_stream("Hi".into()).await.unwrap()).await.unwrap();
    assert_eq!(books(&Ledger::file(&path).unwrap()).await, (7, 0));
}
