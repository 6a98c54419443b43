//! Ledgers on a Redis server.

use crate::common::{Attempt, Service, noon};
use crate::interleaving::{ESTIMATE, holds};
use crate::redis_server::RedisServer;
use botticelli_core::{CostEstimate, Usd};
use botticelli_error::{BotticelliErrorKind, ErrorCategory, StoreErrorKind};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Budgeted, Ledger};

fn driver(ledger: Ledger, script: impl IntoIterator<Item = Attempt>) -> Budgeted<Service> {
    let budget = Budget::per_month(Usd::from_nano_dollars(250)).with_tokens_per_day(200).with_clock(noon(0));
    Service::new(CostEstimate::at_most(100).with_tokens(Some(50)), script)
        .with_budget(budget.with_ledger(ledger))
}

#[tokio::test]
async fn a_ledger_on_redis_keeps_the_same_books_as_one_in_memory() {
    let Some(server) = RedisServer::start() else { return };
    let script =
        || [Attempt::Cut(7), Attempt::Answer(60), Attempt::Refuse, Attempt::Silent(30), Attempt::Answer(1)];
    let ledgers = [Ledger::memory(), Ledger::open(&server.address()).unwrap()];
    let mut reports = Vec::new();
    for ledger in ledgers {
        let driver = driver(ledger.clone(), script());
        let mut outcomes = Vec::new();
        for _ in 0..4 {
            outcomes.push(driver.generate("Hi".into()).await.map(drop).map_err(|error| error.to_string()));
        }
        reports.push((outcomes, ledger.report().await.unwrap()));
    }
    assert_eq!(reports[0], reports[1]);
    // 60 are settled, 100 are kept for the cut attempt, and the rest is too small.
    assert_eq!(reports[1].1.total().spent, Usd::from_nano_dollars(60));
    assert!(reports[1].0[3].as_ref().unwrap_err().contains("$0.00000009 is left"), "{:?}", reports[1].0);
}

#[tokio::test]
async fn an_account_without_credits_is_remembered_on_redis() {
    let Some(server) = RedisServer::start() else { return };
    let ledger = Ledger::open(&server.address()).unwrap();
    let driver = driver(ledger.clone(), [Attempt::NoCredits, Attempt::Answer(1)]);
    for _ in 0..2 {
        let error = driver.generate("Hi".into()).await.unwrap_err();
        assert_eq!((error.category(), driver.inner().sent()), (ErrorCategory::CreditsExhausted, 1));
    }
    ledger.clear_exhausted("default").await.unwrap();
    driver.generate("Hi".into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_at_once_stay_within_the_limit_of_redis() {
    let Some(server) = RedisServer::start() else { return };
    holds(Ledger::open(&server.address()).unwrap(), 0xABCD_1234, 100 * ESTIMATE).await;
}

/// A budget fails closed: without its ledger, nothing is sent.
#[tokio::test]
async fn a_server_that_is_gone_sends_nothing() {
    let Some(mut server) = RedisServer::start() else { return };
    let ledger = Ledger::open(&server.address().replace("redis://", "redis://user:secret@")).unwrap();
    let error = driver(ledger, [Attempt::Answer(1)]).generate("Hi".into()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");

    let driver = driver(Ledger::open(&server.address()).unwrap(), [Attempt::Answer(1), Attempt::Answer(1)]);
    driver.generate("Hi".into()).await.unwrap();
    server.stop();
    let error = driver.generate("Hi".into()).await.unwrap_err();
    let BotticelliErrorKind::Store(store) = error.kind() else { panic!("{error}") };
    assert_eq!(store.kind(), &StoreErrorKind::Unreachable);
    assert_eq!(driver.inner().sent(), 1);
    let ending = "it cannot be reached. Start the server, or check its address.";
    assert!(error.to_string().ends_with(ending), "{error}");
}

/// A connection belongs to the runtime that made it. Another runtime gets one of its own.
#[test]
fn a_ledger_works_on_a_second_runtime() {
    let Some(server) = RedisServer::start() else { return };
    let driver = driver(Ledger::open(&server.address()).unwrap(), [Attempt::Answer(1), Attempt::Answer(1)]);
    for _ in 0..2 {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(driver.generate("Hi".into())).unwrap();
    }
}

#[test]
fn addresses_that_cannot_be_used_are_refused() {
    for (address, reason) in [
        ("redis://user:secret@", "not an address of Redis"),
        ("rediss://user:secret@host", "TLS to Redis is not supported"),
        ("redis+unknown://user:secret@host", "not an address of Redis"),
    ] {
        let error = Ledger::open(address).unwrap_err();
        assert!(error.to_string().contains(reason), "{address}: {error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}
