//! The promise: whatever happens at the same time, spent and reserved amounts never exceed a limit, and settled amounts are those of
//! the bill.

use crate::common::{Attempt, Service, noon, whole};
use botticelli_core::{CostEstimate, Usd};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Budgeted, Ledger};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Reproducible random numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

pub(crate) const CALLS: usize = 1_000;
pub(crate) const ESTIMATE: u64 = 1_000;

pub(crate) fn script(random: &mut Random) -> Vec<Attempt> {
    let attempt = |random: &mut Random| {
        let cost = random.below(ESTIMATE + 1);
        match random.below(10) {
            0..=4 => Attempt::Answer(cost),
            5 => Attempt::Silent(cost),
            6 => Attempt::Cut(cost),
            7 => Attempt::CutStream(cost),
            8 => Attempt::Refuse,
            _ => Attempt::Hang(cost),
        }
    };
    (0..CALLS * 3).map(|_| attempt(random)).collect()
}

/// Makes the calls at the same time, and drops those that hang and some others. Returns the sum of the costs that callers saw.
async fn storm(driver: &Budgeted<Service>, random: &mut Random) -> u64 {
    let seen = Arc::new(AtomicU64::new(0));
    let calls = (0..CALLS).map(|_| {
        let (driver, seen) = (driver.clone(), seen.clone());
        let (is_streamed, patience) = (random.below(2) == 0, random.below(3_000));
        tokio::spawn(async move {
            let call = async {
                if is_streamed {
                    whole(driver.generate_stream("Hi".into()).await?).await
                } else {
                    driver.generate("Hi".into()).await
                }
            };
            // Otherwise: a refusal by the budget, an error of the service, or a dropped call.
            if let Ok(Ok(response)) = tokio::time::timeout(Duration::from_micros(500 + patience), call).await
            {
                seen.fetch_add(response.cost().nano_dollars().unwrap_or_default(), Ordering::SeqCst);
            }
        })
    });
    futures::future::join_all(calls.collect::<Vec<_>>()).await;
    seen.load(Ordering::SeqCst)
}

pub(crate) async fn holds(ledger: Ledger, seed: u64, limit: u64) {
    let budget = Budget::per_month(Usd::from_nano_dollars(limit)).with_clock(noon(0));
    holds_for(budget.with_ledger(ledger), seed, limit).await;
}

async fn holds_for(budget: Budget, seed: u64, limit: u64) {
    let mut random = Random(seed);
    let ledger = budget.ledger().clone();
    let service = Service::new(CostEstimate::at_most(ESTIMATE), script(&mut random));
    let driver = service.with_budget(budget);
    // A watcher that never sees more than the limit.
    let (is_over, looks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let watcher = tokio::spawn({
        let (ledger, is_over, looks) = (ledger.clone(), is_over.clone(), looks.clone());
        async move {
            while !is_over.load(Ordering::SeqCst) {
                let total = ledger.report().await.unwrap().total();
                let used = total.spent.nano_dollars() + total.held.nano_dollars();
                assert!(used <= limit, "{used} of {limit} is used (seed {seed})");
                looks.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
            looks.load(Ordering::SeqCst)
        }
    });
    // On a busy machine, the calls could end before the watcher has begun.
    while looks.load(Ordering::SeqCst) == 0 && !watcher.is_finished() {
        tokio::task::yield_now().await;
    }
    let mut shown = storm(&driver, &mut random).await;
    // Many calls were refused because others had reserved. The rest of the budget is used up one by one.
    // A call that is dropped while it waits for the ledger uses nothing, so only those that hang are dropped.
    // On a busy machine the ledger is slow, so each dropped call makes the next one wait longer.
    let mut patience = Duration::from_millis(50);
    for _ in 0..CALLS {
        match tokio::time::timeout(patience, driver.generate("Hi".into())).await {
            Ok(Ok(response)) => shown += response.cost().nano_dollars().unwrap_or_default(),
            Ok(Err(error)) if error.category() == ErrorCategory::BudgetExceeded => break,
            Ok(Err(_)) => {}
            Err(_) => patience += Duration::from_millis(2),
        }
    }
    while looks.load(Ordering::SeqCst) < 2 && !watcher.is_finished() {
        tokio::task::yield_now().await;
    }
    is_over.store(true, Ordering::SeqCst);
    assert!(watcher.await.unwrap() > 1);
    let total = ledger.report().await.unwrap().total();
    let (spent, held) = (total.spent.nano_dollars(), total.held.nano_dollars());
    let billed = driver.inner().billed();
    // A call can be dropped after its cost was settled, so the callers may have seen less.
    assert!(shown <= spent, "seed {seed}");
    assert!(billed <= spent + held, "{billed} was billed, {spent} spent and {held} held (seed {seed})");
    assert!(spent <= billed && spent + held <= limit, "seed {seed}");
    // The budget was really tested: it was used up.
    assert!(spent + held > limit - ESTIMATE, "{spent} + {held} of {limit} (seed {seed})");
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::BudgetExceeded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_at_once_stay_within_the_limit() {
    for seed in 1..=8 {
        holds(Ledger::memory(), 0x9E37_79B9 * seed, 150 * ESTIMATE).await;
    }
}

/// Most of the calls are dropped while they wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_that_wait_stay_within_the_limit() {
    for seed in 1..=8 {
        let limit = 20 * ESTIMATE;
        let budget = Budget::per_month(Usd::from_nano_dollars(limit)).with_max_wait(Duration::from_secs(60));
        // The waits end with the system's time.
        holds_for(budget, 0x1234_5678 * seed, limit).await;
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_at_once_stay_within_the_limit_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    holds(Ledger::file(folder.path().join("ledger.sqlite")).unwrap(), 0x51_7CC1, 100 * ESTIMATE).await;
}

/// Without faults that hide the cost, the ledger equals the bill.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_settled_is_what_was_billed() {
    let mut random = Random(42);
    let script: Vec<_> =
        (0..CALLS)
            .map(|_| {
                if random.below(5) == 0 {
                    Attempt::Refuse
                } else {
                    Attempt::Answer(random.below(ESTIMATE + 1))
                }
            })
            .collect();
    let budget = Budget::per_month(Usd::parse("1").unwrap()).with_clock(noon(0));
    let driver = Service::new(CostEstimate::at_most(ESTIMATE), script).with_budget(budget);
    let calls = (0..CALLS).map(|_| {
        let driver = driver.clone();
        tokio::spawn(async move { driver.generate("Hi".into()).await.map(drop) })
    });
    futures::future::join_all(calls.collect::<Vec<_>>()).await;
    let total = driver.budget().ledger().report().await.unwrap().total();
    assert_eq!((total.spent.nano_dollars(), total.held.nano_dollars()), (driver.inner().billed(), 0));
}
