//! Calls whose cost has no bound and is not stated: they are not free.

use crate::common::{Attempt, Service, noon, whole};
use crate::waits::Ledgers;
use botticelli_core::{CostEstimate, Usd};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, OnUnknownPrice};
use futures::FutureExt;

#[tokio::test]
async fn calls_of_unknown_cost_are_counted() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let budget = Budget::per_month(Usd::from_nano_dollars(1_000))
            .with_clock(noon(0))
            .with_on_unknown_price(OnUnknownPrice::Allow)
            .with_ledger(ledger.clone());
        // Silent, broken, billed at a known cost, refused, and dropped.
        let script = [
            Attempt::Silent(60),
            Attempt::Silent(60),
            Attempt::CutStream(60),
            Attempt::Answer(40),
            Attempt::Refuse,
            Attempt::Hang(60),
        ];
        let driver = Service::new(CostEstimate::unknown(), script).with_budget(budget.clone());
        driver.generate("Hi".into()).await.unwrap();
        whole(driver.generate_stream("Hi".into()).await.unwrap()).await.unwrap();
        assert!(whole(driver.generate_stream("Hi".into()).await.unwrap()).await.is_err());
        driver.generate("Hi".into()).await.unwrap();
        assert!(driver.generate("Hi".into()).await.is_err());
        let mut hanging = driver.generate("Hi".into());
        for _ in 0..100 {
            assert!((&mut hanging).now_or_never().is_none());
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            if driver.inner().sent() == 6 {
                break;
            }
        }
        drop(hanging);
        let report = ledger.report().await.unwrap();
        let total = report.total();
        assert_eq!((total.calls, total.unpriced, total.spent.nano_dollars()), (5, 4, 40), "{report:?}");
        let lines: Vec<_> =
            report.lines().iter().map(|line| (&*line.provider, line.calls, line.unpriced)).collect();
        assert_eq!(lines, [("", 2, 2), ("acme", 3, 2)]);
        assert_eq!(report.by_day()[0].unpriced, 4);
    }
}

#[tokio::test]
async fn a_call_with_a_bound_or_without_a_cost_is_not_of_unknown_cost() {
    let ledgers = Ledgers::open();
    for ledger in &ledgers.all {
        let budget =
            Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(noon(0)).with_ledger(ledger.clone());
        let bounded = Service::new(CostEstimate::at_most(100), [Attempt::Silent(60), Attempt::CutStream(60)]);
        let driver = bounded.with_budget(budget.clone());
        driver.generate("Hi".into()).await.unwrap();
        assert!(whole(driver.generate_stream("Hi".into()).await.unwrap()).await.is_err());
        let free = Service::new(CostEstimate::at_most(0), [Attempt::Answer(0)]).with_budget(budget);
        free.generate("Hi".into()).await.unwrap();
        let total = ledger.report().await.unwrap().total();
        assert_eq!((total.calls, total.unpriced, total.held.nano_dollars()), (3, 0, 200));
    }
}

/// An older version left the file without the table.
#[cfg(feature = "sqlite")]
#[tokio::test]
async fn an_older_file_is_extended() {
    use botticelli_layers::budget::Ledger;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    drop(Ledger::file(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().execute_batch("DROP TABLE unpriced").unwrap();
    let ledger = Ledger::file(&path).unwrap();
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000))
        .with_on_unknown_price(OnUnknownPrice::Allow)
        .with_ledger(ledger.clone());
    let driver = Service::new(CostEstimate::unknown(), [Attempt::Silent(60)]).with_budget(budget);
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(ledger.report().await.unwrap().total().unpriced, 1);
}
