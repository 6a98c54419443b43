//! Limits per run, day and month.

use crate::common::{Attempt, Service, noon};
use botticelli_core::{CostEstimate, Usd};
use botticelli_error::ErrorCategory;
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Budgeted, Ledger};
use std::sync::Arc;
use std::time::Duration;

fn service(count: usize) -> Service {
    Service::new(CostEstimate::at_most(10).with_tokens(Some(10)), vec![Attempt::Answer(10); count])
}

/// Calls until the budget refuses. Returns the number of responses.
async fn calls(driver: &Budgeted<Service>) -> u64 {
    let mut count = 0;
    loop {
        match driver.generate("Hi".into()).await {
            Ok(_) => count += 1,
            Err(error) => {
                assert_eq!(error.category(), ErrorCategory::BudgetExceeded, "{error}");
                return count;
            }
        }
    }
}

#[tokio::test]
async fn a_day_and_a_month_end_in_utc() {
    let clock = noon(0);
    let budget = Budget::per_day(Usd::from_nano_dollars(20))
        .with_per_month(Usd::from_nano_dollars(50))
        .with_clock(clock.clone());
    let driver = service(100).with_budget(budget);
    // 28, 29 and 30 November: 20, 20, and the last 10 of the month.
    let mut counts = Vec::new();
    for _ in 0..3 {
        counts.push(calls(&driver).await);
        clock.advance(Duration::from_secs(86_400));
    }
    // 1 December.
    counts.push(calls(&driver).await);
    assert_eq!(counts, [2, 2, 1, 2]);
}

#[tokio::test]
async fn a_run_is_a_budget_and_its_clones() {
    let ledger = Ledger::memory();
    let budget =
        || Budget::per_run(Usd::from_nano_dollars(30)).with_clock(noon(0)).with_ledger(ledger.clone());
    let first = budget();
    assert_eq!(calls(&service(9).with_budget(first.clone())).await, 3);
    assert_eq!(calls(&service(9).with_budget(first)).await, 0);
    assert_eq!(calls(&service(9).with_budget(budget())).await, 3);
    // A named run goes on.
    assert_eq!(calls(&service(9).with_budget(budget().with_run("a"))).await, 3);
    assert_eq!(calls(&service(9).with_budget(budget().with_run("a"))).await, 0);
}

#[tokio::test]
async fn accounts_are_apart() {
    let ledger = Ledger::memory();
    let budget = |account: &str| {
        let budget = Budget::per_month(Usd::from_nano_dollars(30)).with_account(account);
        budget.with_clock(noon(0)).with_ledger(ledger.clone())
    };
    assert_eq!(calls(&service(9).with_budget(budget("a"))).await, 3);
    assert_eq!(calls(&service(9).with_budget(budget("b"))).await, 3);
    assert_eq!(calls(&service(9).with_budget(budget("a"))).await, 0);
    assert_eq!(ledger.report().await.unwrap().lines().len(), 2);
}

#[tokio::test]
async fn tokens_are_limited_per_period() {
    for budget in [Budget::tokens_per_run(25), Budget::tokens_per_day(25), Budget::tokens_per_month(25)] {
        assert_eq!(calls(&service(9).with_budget(budget.with_clock(noon(0)))).await, 2);
    }
    assert_eq!(calls(&service(9).with_budget(Budget::tokens_per_call(9).with_clock(noon(0)))).await, 0);
}

/// The calendar ends with the year 9999.
#[tokio::test]
async fn a_wrong_clock_does_not_end_the_process() {
    let clock = ManualClock::default();
    clock.advance(Duration::from_secs(1 << 40));
    let budget = Budget::per_month(Usd::from_nano_dollars(250)).with_clock(Arc::new(clock));
    let service = Service::new(CostEstimate::at_most(100), [Attempt::Answer(60), Attempt::NoCredits]);
    let driver = service.with_budget(budget);
    driver.generate("Hi".into()).await.unwrap();
    assert!(driver.generate("Hi".into()).await.is_err());
    assert_eq!(driver.budget().ledger().report().await.unwrap().lines()[0].day, "9999-12-31");
}
