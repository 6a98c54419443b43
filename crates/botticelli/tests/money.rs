//! The budget, the driver and the bill of the service agree, to the nano-dollar.
#![cfg(feature = "huggingface")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli::{
    BotticelliDriver, Budget, Cache, CompletionDriver, CompletionRequest, ErrorCategory, GenerateRequest,
    HuggingFaceDriver, LayerExt, Ledger, RetryConfig, StreamExt, Usd,
};
use botticelli_sandbox::Sandbox;
use std::time::Duration;

const MODEL: &str = "openai/gpt-oss-20b:fireworks-ai";

fn driver(sandbox: &Sandbox) -> HuggingFaceDriver {
    HuggingFaceDriver::builder(MODEL)
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .catalog_prices(true)
        .retry(RetryConfig::default().with_base_delay(Duration::from_millis(1)))
        .build()
        .unwrap()
}

fn request(number: u64) -> GenerateRequest {
    GenerateRequest::from(format!("Say {number}")).with_max_tokens(u32::try_from(number % 90 + 10).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_settled_amount_is_the_billed_amount() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::file(folder.path().join("ledger.sqlite")).unwrap();
    let budget = Budget::per_month(Usd::parse("1").unwrap()).with_ledger(ledger.clone());
    let driver = driver(&sandbox).with_budget(budget);
    let calls = (0..400).map(|number| {
        let driver = driver.clone();
        tokio::spawn(async move {
            if number % 2 == 0 {
                driver.generate(request(number)).await.unwrap();
                return;
            }
            let mut stream = driver.generate_stream(request(number)).await.unwrap();
            while let Some(chunk) = stream.next().await {
                chunk.unwrap();
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let (total, bill) = (ledger.report().await.unwrap().total(), sandbox.bill());
    assert_eq!((total.calls, total.held), (400, Usd::ZERO));
    assert!(bill.nano_dollars() > 0);
    assert_eq!(total.spent.nano_dollars(), bill.nano_dollars());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_are_dropped_stay_within_the_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    let estimate = driver.estimate(&request(0)).await.unwrap().nano_dollars().unwrap();
    let limit = estimate * 120;
    let driver = driver.with_budget(Budget::per_month(Usd::from_nano_dollars(limit)));
    let calls = (0..600_u64).map(|number| {
        let driver = driver.clone();
        tokio::spawn(async move {
            let patience = Duration::from_micros(number * 7_919 % 20_000);
            let call = async {
                let mut stream = driver.generate_stream(request(number)).await?;
                // Every third stream is dropped after its first chunk.
                while let Some(chunk) = stream.next().await {
                    chunk?;
                    if number % 3 == 0 {
                        break;
                    }
                }
                Ok::<_, botticelli::BotticelliError>(())
            };
            let _ = tokio::time::timeout(patience, call).await;
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    // The service may still generate for a dropped call.
    while !sandbox.is_settled() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let total = driver.budget().ledger().report().await.unwrap().total();
    let used = total.spent.nano_dollars() + total.held.nano_dollars();
    assert!(used <= limit, "{used} of {limit}");
    assert!(
        sandbox.bill().nano_dollars() <= used,
        "{} was billed, {used} is used",
        sandbox.bill().nano_dollars()
    );
}

#[tokio::test]
async fn an_exhausted_budget_sends_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox).with_budget(Budget::per_month(Usd::from_nano_dollars(1)));
    let error = driver.generate(request(1)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::BudgetExceeded);
    let error = driver.generate_stream(request(1)).await.err().unwrap();
    assert_eq!(error.category(), ErrorCategory::BudgetExceeded);
    let error = driver.complete(CompletionRequest::from("Once").with_max_tokens(5)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::BudgetExceeded);
    assert_eq!(sandbox.bill().responses(), 0);
    // Only the catalog was fetched.
    assert!(sandbox.requests().iter().all(|request| request.path() == "/v1/models"));
}

#[tokio::test]
async fn a_cached_response_is_not_billed_and_not_settled() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox)
        .with_budget(Budget::per_month(Usd::parse("1").unwrap()))
        .with_cache(Cache::memory().with_sampled(true));
    let first = driver.generate(request(1)).await.unwrap();
    let second = driver.generate(request(1)).await.unwrap();
    assert_eq!((first.text(), first.usage()), (second.text(), second.usage()));
    assert_eq!((second.is_cached(), second.cost().nano_dollars()), (true, Some(0)));
    let spent = driver.inner().budget().ledger().report().await.unwrap().total().spent;
    assert_eq!((spent.nano_dollars(), sandbox.bill().responses()), (sandbox.bill().nano_dollars(), 1));
    assert_eq!(first.cost().nano_dollars(), Some(spent.nano_dollars()));
}
