//! Limits whose rest is reserved by calls in flight.

use crate::common::{Attempt, Service, noon, whole};
use botticelli_core::{CostEstimate, GenerateRequest, Timeouts, Usd};
use botticelli_error::{BotticelliError, BotticelliErrorKind, BudgetError, ErrorCategory};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Budgeted, Ledger};
use futures::FutureExt;
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;

/// A service whose calls cost at most 100 nano-dollars.
fn service(script: impl IntoIterator<Item = Attempt>) -> Service {
    Service::new(CostEstimate::at_most(100).with_tokens(Some(50)), script)
}

fn budget(limit: u64) -> Budget {
    Budget::per_month(Usd::from_nano_dollars(limit)).with_clock(noon(0))
}

fn refusal(error: &BotticelliError) -> &BudgetError {
    match error.kind() {
        BotticelliErrorKind::Budget(budget) => budget,
        _ => panic!("{error}"),
    }
}

/// All ledgers, and what they need to exist.
pub(crate) struct Ledgers {
    pub(crate) all: Vec<Ledger>,
    #[cfg(feature = "sqlite")]
    _folder: tempfile::TempDir,
    #[cfg(feature = "redis")]
    _server: Option<crate::redis_server::RedisServer>,
}

impl Ledgers {
    pub(crate) fn open() -> Self {
        #[cfg(feature = "sqlite")]
        let folder = tempfile::tempdir().unwrap();
        #[cfg(feature = "redis")]
        let server = crate::redis_server::RedisServer::start();
        Self {
            all: vec![
                Ledger::memory(),
                #[cfg(feature = "sqlite")]
                Ledger::file(folder.path().join("ledger.sqlite")).unwrap(),
            ]
            .into_iter()
            .chain({
                #[cfg(feature = "redis")]
                {
                    server.as_ref().map(|server| Ledger::open(&server.address()).unwrap())
                }
                #[cfg(not(feature = "redis"))]
                {
                    None
                }
            })
            .collect(),
            #[cfg(feature = "sqlite")]
            _folder: folder,
            #[cfg(feature = "redis")]
            _server: server,
        }
    }
}

/// Lets other tasks run, and the time of the budget pass, until the work is done.
async fn passing<T>(clock: &ManualClock, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    for _ in 0..100_000 {
        if let Some(done) = (&mut work).now_or_never() {
            return done;
        }
        clock.advance(Duration::from_millis(20));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("the work does not end")
}

#[tokio::test]
async fn a_refusal_tells_reserved_from_spent() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let driver = service([Attempt::Answer(60), Attempt::Answer(70), Attempt::Silent(1)])
            .with_budget(budget(250).with_tokens_per_day(10_000).with_ledger(ledger.clone()));
        driver.generate("Hi".into()).await.unwrap();
        let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
        let error = driver.generate("Hi".into()).await.unwrap_err();
        assert!(refusal(&error).is_temporary());
        assert_eq!(refusal(&error).reserved(), 100);
        let expected = "budget: the call may take $0.0000001, but $0.00000009 is left of the $0.00000025 per month, and \
                        calls in flight have reserved $0.0000001. Try again when calls in flight have ended, let the \
                        budget wait for them (`max_wait`), lower `max_tokens`, or raise the limit.";
        assert_eq!(error.to_string(), expected);
        whole(in_flight).await.unwrap();

        // 130 are spent, and the next call keeps its reservation, although it has ended.
        driver.generate("Hi".into()).await.unwrap();
        let error = driver.generate("Hi".into()).await.unwrap_err();
        assert!(!refusal(&error).is_temporary());
        assert_eq!(refusal(&error).reserved(), 0);
        assert!(
            error.to_string().contains("$0.00000002 is left of the $0.00000025 per month. Lower"),
            "{error}"
        );
    }
}

/// A call that was dropped after it was sent may be billed, but it is not in flight.
#[tokio::test]
async fn a_dropped_call_is_not_in_flight() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let driver = service([Attempt::Answer(60)]).with_budget(budget(150).with_ledger(ledger.clone()));
        drop(driver.generate_stream("Hi".into()).await.unwrap());
        let error = driver.generate("Hi".into()).await.unwrap_err();
        assert!(!refusal(&error).is_temporary(), "{error}");
        let total = ledger.report().await.unwrap().total();
        assert_eq!((total.calls, total.held, total.held_tokens), (1, Usd::from_nano_dollars(100), 50));
    }
}

/// Waiting for the month would not help a call that is too large for the day.
#[tokio::test]
async fn a_limit_that_no_end_of_a_call_changes_comes_first() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let limits = budget(150).with_tokens_per_day(40).with_max_wait(Duration::from_secs(60));
        let other = service([Attempt::Answer(60)]).with_budget(budget(150).with_ledger(ledger.clone()));
        let _in_flight = other.generate_stream("Hi".into()).await.unwrap();
        let driver = service([]).with_budget(limits.with_ledger(ledger.clone()));
        let error = driver.generate("Hi".into()).await.unwrap_err();
        assert!(!refusal(&error).is_temporary());
        assert!(error.to_string().contains("may take 50 tokens, but 0 tokens is left"), "{error}");
    }
}

#[tokio::test]
async fn a_call_waits_for_the_reservations_of_others() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let clock = noon(0);
        let budget = budget(150)
            .with_clock(clock.clone())
            .with_max_wait(Duration::from_secs(60))
            .with_ledger(ledger.clone());
        let driver =
            service([Attempt::Answer(40), Attempt::Answer(50), Attempt::Answer(1)]).with_budget(budget);
        let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
        let (waiting, other) = (tokio::spawn(waiting(&driver)), driver.clone());
        passing(&clock, async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            assert!(!waiting.is_finished());
            assert_eq!(other.inner().sent(), 1);
            whole(in_flight).await.unwrap();
            waiting.await.unwrap().unwrap();
        })
        .await;
        // 90 are spent, so a third call does not fit, and has nothing to wait for.
        let error = driver.generate("Hi".into()).await.unwrap_err();
        assert!(!refusal(&error).is_temporary());
        assert_eq!(ledger.report().await.unwrap().total().spent, Usd::from_nano_dollars(90));
    }
}

fn waiting(driver: &Budgeted<Service>) -> impl Future<Output = Result<(), BotticelliError>> + Send + 'static {
    let driver = driver.clone();
    async move { driver.generate("Hi".into()).await.map(drop) }
}

/// The reservation of a killed process never ends.
#[tokio::test]
async fn a_wait_ends_with_the_refusal() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let clock = noon(0);
        let budget = budget(150)
            .with_clock(clock.clone())
            .with_max_wait(Duration::from_secs(2))
            .with_ledger(ledger.clone());
        let driver = service([Attempt::Answer(40), Attempt::Answer(50)]).with_budget(budget);
        let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
        let before = clock.passed();
        let error = passing(&clock, driver.generate("Hi".into())).await.unwrap_err();
        assert!(refusal(&error).is_temporary());
        let waited = clock.passed().saturating_sub(before);
        assert!(waited >= Duration::from_secs(2) && waited < Duration::from_secs(60), "{waited:?}");
        // Nothing is left of the call that gave up.
        whole(in_flight).await.unwrap();
        driver.generate("Hi".into()).await.unwrap();
    }
}

#[tokio::test]
async fn the_time_of_a_call_ends_its_wait() {
    let clock = noon(0);
    let budget = budget(150).with_clock(clock.clone()).with_max_wait(Duration::from_secs(60));
    let driver = service([Attempt::Answer(40)]).with_budget(budget);
    let _in_flight = driver.generate_stream("Hi".into()).await.unwrap();
    let timeouts = Timeouts::default().with_total(Duration::from_secs(1));
    let request = GenerateRequest::from("Hi").with_timeouts(timeouts);
    let before = clock.passed();
    let error = passing(&clock, driver.generate(request)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Timeout);
    assert!(clock.passed().saturating_sub(before) < Duration::from_secs(2));
}

/// A call that gives up does not keep its place, and a later call does not overtake the ones that wait.
#[tokio::test]
async fn calls_wait_in_their_order() {
    let budget = budget(150).with_max_wait(Duration::from_secs(60));
    let script = [Attempt::Answer(10), Attempt::Answer(20), Attempt::Answer(20)];
    let driver = service(script).with_budget(budget);
    let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
    let (mut gone, mut second, mut third) =
        (waiting(&driver).boxed(), waiting(&driver).boxed(), waiting(&driver).boxed());
    for call in [&mut gone, &mut second, &mut third] {
        assert!(call.now_or_never().is_none());
    }
    drop(gone);
    whole(in_flight).await.unwrap();
    // There is room for one call. The third one is asked first, and lets the second one pass.
    assert!((&mut third).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    assert_eq!(driver.inner().sent(), 2);
    second.await.unwrap();
    third.await.unwrap();
}

/// A program may keep a call without polling it.
#[tokio::test]
async fn a_paused_call_does_not_stop_the_others() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let clock = noon(0);
        let budget = budget(150)
            .with_clock(clock.clone())
            .with_max_wait(Duration::from_secs(600))
            .with_ledger(ledger.clone());
        let driver =
            service([Attempt::Answer(10), Attempt::Answer(20), Attempt::Answer(20)]).with_budget(budget);
        let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
        let mut first = waiting(&driver).boxed();
        // Until it asks the ledger.
        for _ in 0..50 {
            assert!((&mut first).now_or_never().is_none());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let second = tokio::spawn(waiting(&driver));
        whole(in_flight).await.unwrap();
        let before = clock.passed();
        passing(&clock, second).await.unwrap().unwrap();
        let waited = clock.passed().saturating_sub(before);
        assert!(waited >= Duration::from_secs(4) && waited < Duration::from_secs(300), "{waited:?}");
        passing(&clock, first).await.unwrap();
    }
}

/// A day that ends while a call waits has room again.
#[tokio::test]
async fn a_call_that_waits_over_midnight_counts_on_the_new_day() {
    let clock = noon(0);
    let budget = Budget::per_day(Usd::from_nano_dollars(150))
        .with_clock(clock.clone())
        .with_max_wait(Duration::from_secs(86_400));
    let driver = service([Attempt::Answer(100), Attempt::Answer(60)]).with_budget(budget);
    let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
    let mut call = waiting(&driver).boxed();
    assert!((&mut call).now_or_never().is_none());
    clock.advance(Duration::from_secs(43_200));
    whole(in_flight).await.unwrap();
    call.await.unwrap();
    let report = driver.budget().ledger().report().await.unwrap();
    let days: Vec<_> =
        report.by_day().into_iter().map(|line| (line.day, line.spent.nano_dollars())).collect();
    assert_eq!(days, [("2026-11-28".to_owned(), 100), ("2026-11-29".to_owned(), 60)]);
}

/// The day after has room even if no call of the day before ends.
#[tokio::test]
async fn a_call_that_waits_goes_at_midnight_if_no_other_call_ends() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let clock = noon(0);
        let budget = Budget::per_day(Usd::from_nano_dollars(150))
            .with_clock(clock.clone())
            .with_max_wait(Duration::from_secs(86_400))
            .with_ledger(ledger.clone());
        let driver = service([Attempt::Answer(100), Attempt::Answer(60)]).with_budget(budget);
        let in_flight = driver.generate_stream("Hi".into()).await.unwrap();
        let call = tokio::spawn(waiting(&driver));
        passing(&clock, tokio::time::sleep(Duration::from_millis(50))).await;
        assert!(!call.is_finished());
        clock.advance(Duration::from_secs(43_200));
        let goes = tokio::time::timeout(Duration::from_secs(5), passing(&clock, call));
        goes.await.expect("the call still waits").unwrap().unwrap();
        whole(in_flight).await.unwrap();
    }
}

/// With a wait, no call is refused before the money is spent.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_wait_for_room() {
    let ledger = Ledger::memory();
    let budget = budget(1_000 * 40 + 60).with_max_wait(Duration::from_secs(600)).with_ledger(ledger.clone());
    let script = (0..1_000).map(|_| Attempt::Answer(40));
    let driver = service(script).with_budget(budget);
    let calls = (0..1_000).map(|_| tokio::spawn(waiting(&driver)));
    for call in join_all(calls.collect::<Vec<_>>()).await {
        call.unwrap().unwrap();
    }
    let total = ledger.report().await.unwrap().total();
    assert_eq!((total.spent.nano_dollars(), total.held.nano_dollars()), (40_000, 0));
}

/// A budget with one place.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_with_room_for_one_go_one_after_the_other() {
    let budget = budget(100 * 40 + 60).with_tokens_per_month(100 * 10 + 40);
    let driver = Arc::new(
        service((0..100).map(|_| Attempt::Answer(40)))
            .with_budget(budget.with_max_wait(Duration::from_secs(600))),
    );
    let calls = (0..100).map(|_| {
        let driver = driver.clone();
        tokio::spawn(async move { whole(driver.generate_stream("Hi".into()).await?).await.map(drop) })
    });
    for call in join_all(calls.collect::<Vec<_>>()).await {
        call.unwrap().unwrap();
    }
    assert_eq!(driver.inner().billed(), 4_000);
}
