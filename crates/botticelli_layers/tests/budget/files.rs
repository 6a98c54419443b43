//! Ledgers in files: what they keep, and files that cannot be used.

use crate::common::{Attempt, Service, noon};
use botticelli_core::{CostEstimate, GenerateRequest, Timeouts, Usd};
use botticelli_error::{BotticelliError, BotticelliErrorKind, ErrorCategory, StoreErrorKind};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Budgeted, Ledger, OnUnknownPrice};
use futures::{FutureExt, StreamExt};
use std::path::Path;
use std::time::Duration;

fn driver(path: &Path, script: impl IntoIterator<Item = Attempt>) -> Budgeted<Service> {
    let budget = Budget::per_month(Usd::from_nano_dollars(250)).with_clock(noon(0));
    let ledger = Ledger::file(path).unwrap();
    Service::new(CostEstimate::at_most(100).with_tokens(Some(50)), script)
        .with_budget(budget.with_ledger(ledger))
}

fn kind(error: &BotticelliError) -> StoreErrorKind {
    match error.kind() {
        BotticelliErrorKind::Store(error) => error.kind().clone(),
        _ => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_ledger_outlives_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/ledger.sqlite");
    let script = [Attempt::Cut(7), Attempt::Answer(60), Attempt::NoCredits];
    let first = driver(&path, script);
    first.generate("Hi".into()).await.unwrap();
    let before = first.budget().ledger().report().await.unwrap();
    assert_eq!(before.total().spent, Usd::from_nano_dollars(60));
    assert_eq!(before.total().held, Usd::from_nano_dollars(100));
    drop(first);

    let second = driver(&path, [Attempt::Answer(1)]);
    assert_eq!(second.budget().ledger().report().await.unwrap(), before);
    let error = second.generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::BudgetExceeded);
    assert!(error.to_string().contains("may take $0.0000001, but $0.00000009 is left"), "{error}");
}

#[tokio::test]
async fn an_account_without_credits_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let first = driver(&path, [Attempt::NoCredits]);
    assert_eq!(first.generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::CreditsExhausted);
    let second = driver(&path, [Attempt::Answer(1)]);
    assert_eq!(second.generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::CreditsExhausted);
    assert_eq!(second.inner().sent(), 0);
    second.budget().ledger().clear_exhausted("default").await.unwrap();
    second.generate("Hi".into()).await.unwrap();
}

#[test]
fn files_that_cannot_be_used_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert_eq!(kind(&Ledger::file(folder.path()).unwrap_err()), StoreErrorKind::IsDirectory);

    std::fs::write(at("text"), "per_month = 10").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(at("text"), std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = Ledger::file(at("text")).unwrap_err();
        assert_eq!(kind(&error), StoreErrorKind::NotPrivate { mode: 0o644 });
        assert!(error.to_string().contains("chmod 600"), "{error}");
        std::fs::set_permissions(at("text"), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(kind(&Ledger::file(at("text")).unwrap_err()), StoreErrorKind::Damaged);
    assert_eq!(std::fs::read_to_string(at("text")).unwrap(), "per_month = 10");
    assert!(matches!(kind(&Ledger::file(at("text/ledger")).unwrap_err()), StoreErrorKind::Address { .. }));
}

#[test]
fn a_ledger_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    drop(Ledger::file(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 9).unwrap();
    drop(connection);
    let error = Ledger::file(&path).unwrap_err();
    assert_eq!(kind(&error), StoreErrorKind::NewerVersion { found: 9, supported: 1 });
    assert!(error.to_string().ends_with("Update botticelli, or use another path."), "{error}");
}

/// A budget fails closed: without its ledger, nothing is sent.
#[tokio::test]
async fn a_ledger_that_is_damaged_later_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let driver = driver(&path, [Attempt::Answer(1)]);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("DROP TABLE used").unwrap();
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!((error.category(), driver.inner().sent()), (ErrorCategory::Store, 0));
}

/// A response is never lost because its cost cannot be settled.
#[tokio::test]
async fn a_response_comes_with_a_warning_if_it_cannot_be_settled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let driver = driver(&path, [Attempt::Answer(1)]);
    // The reservation works, and closing it does not.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("DROP TABLE spent").unwrap();
    let response = driver.generate("Hi".into()).await.unwrap();
    assert_eq!(response.text(), "Hi");
    let [warning] = response.warnings() else { panic!("{:?}", response.warnings()) };
    assert!(
        warning.starts_with("the cost of this call could not be settled, and $0.0000001 stays reserved"),
        "{warning}"
    );
}

/// The warning names what stays reserved: each attempt, and nothing of an unknown estimate.
#[tokio::test]
async fn the_warning_of_a_cost_that_is_not_settled_states_what_is_reserved() {
    for (estimate, expected) in [
        (CostEstimate::at_most(100), "and $0.0000002 stays reserved"),
        (CostEstimate::unknown(), "and it does not count"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let budget = Budget::per_month(Usd::from_nano_dollars(250))
            .with_on_unknown_price(OnUnknownPrice::Allow)
            .with_ledger(Ledger::file(&path).unwrap());
        let driver = Service::new(estimate, [Attempt::Cut(1), Attempt::Answer(1)]).with_budget(budget);
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("DROP TABLE spent").unwrap();
        let response = driver.generate("Hi".into()).await.unwrap();
        let [warning] = response.warnings() else { panic!("{response:?}") };
        assert!(warning.contains(expected), "{warning}");
    }
}

#[tokio::test]
async fn a_ledger_that_another_process_locks_for_a_moment_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let driver = driver(&path, [Attempt::Answer(1)]);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let call = tokio::spawn(async move { driver.generate("Hi".into()).await });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(!call.is_finished());
    connection.execute_batch("COMMIT").unwrap();
    call.await.unwrap().unwrap();
}

/// A ledger that does not answer in time costs the call no more than its time. What the call cost is written later.
#[tokio::test]
async fn the_total_timeout_includes_the_settlement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Ledger::file(&path).unwrap();
    let clock = noon(0);
    let second = Duration::from_secs(1);
    let timeouts = Timeouts::default().with_total(second).with_stream_total(second);
    let request = || GenerateRequest::from("Hi").with_timeouts(timeouts);
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(clock.clone());
    let script = [Attempt::Answer(7), Attempt::Answer(8), Attempt::Refuse, Attempt::Answer(9)];
    let driver =
        Service::new(CostEstimate::at_most(100), script).with_budget(budget.with_ledger(ledger.clone()));
    let other = rusqlite::Connection::open(&path).unwrap();

    let mut call = driver.generate(request());
    // The service has the request, and another process locks the ledger.
    assert!((&mut call).now_or_never().is_none());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!((&mut call).now_or_never().is_none());
    clock.advance(second);
    let response = call.now_or_never().expect("the time is over").unwrap();
    let [warning] = response.warnings() else { panic!("{response:?}") };
    assert!(
        warning.contains("could not be settled") && warning.contains("$0.0000001 stays reserved"),
        "{warning}"
    );

    other.execute_batch("ROLLBACK").unwrap();
    let mut stream = driver.generate_stream(request()).await.unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(!stream.next().await.unwrap().unwrap().is_final());
    assert!(stream.next().now_or_never().is_none());
    clock.advance(second);
    let last = stream.next().now_or_never().expect("the time is over").unwrap().unwrap();
    assert_eq!(last.into_response().unwrap().warnings().len(), 1);
    drop(stream);

    other.execute_batch("ROLLBACK").unwrap();
    let mut call = driver.generate(request());
    assert!((&mut call).now_or_never().is_none());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!((&mut call).now_or_never().is_none());
    clock.advance(second);
    call.now_or_never().expect("the time is over").unwrap_err();

    other.execute_batch("ROLLBACK").unwrap();
    driver.generate(request()).await.unwrap();
    let total = ledger.report().await.unwrap().total();
    assert_eq!((total.spent.nano_dollars(), total.held.nano_dollars(), total.calls), (24, 0, 3));
}

#[test]
fn a_ledger_can_be_created_by_several_at_the_same_time() {
    for _ in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| drop(Ledger::file(&path).unwrap()));
            }
        });
    }
}

/// A server may report any number of tokens.
#[cfg(feature = "mock")]
#[tokio::test]
async fn absurd_numbers_of_tokens_do_not_stop_the_ledger() {
    use botticelli_core::{Cost, Usage};
    use botticelli_layers::mock::{MockDriver, MockReply};
    let folder = tempfile::tempdir().unwrap();
    let usage = Usage::new(Some(u64::MAX), Some(0), Some(u64::MAX));
    let reply = MockReply::text("Hi").with_usage(usage).with_cost(Cost::reported(60));
    let budget = Budget::per_month(Usd::from_nano_dollars(250)).with_clock(noon(0));
    let ledger = Ledger::file(folder.path().join("ledger.sqlite")).unwrap();
    let driver = MockDriver::answering([reply])
        .repeating()
        .with_estimate(CostEstimate::at_most(100).with_tokens(Some(u64::MAX)))
        .with_budget(budget.with_ledger(ledger.clone()));
    for _ in 0..3 {
        let response = driver.generate("Hi".into()).await.unwrap();
        assert!(response.warnings().is_empty(), "{:?}", response.warnings());
    }
    let total = ledger.report().await.unwrap().total();
    assert_eq!((total.spent.nano_dollars(), total.held.nano_dollars(), total.calls), (180, 0, 3));
}
