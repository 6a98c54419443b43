//! The lines of a ledger in memory.

use botticelli_core::{Cost, CostEstimate, GenerateRequest, GenerateResponse, Usd};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::Budget;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::sync::atomic::{AtomicU64, Ordering};

#[tokio::test]
async fn providers_that_a_server_invents_share_a_line() {
    const NAMED: usize = 10_000;
    let calls = AtomicU64::new(0);
    let service = MockDriver::replying(move |_| {
        let provider = format!("p{}", calls.fetch_add(1, Ordering::Relaxed));
        let response = GenerateResponse::builder().provider(provider).cost(Cost::reported(3)).build();
        MockReply::response(response.unwrap())
    });
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000_000));
    let driver = service.with_estimate(CostEstimate::at_most(5)).with_budget(budget);
    for _ in 0..NAMED + 4 {
        driver.generate("Hi".into()).await.unwrap();
    }
    // The caller names the model, and gets its line.
    driver.generate(GenerateRequest::from("Hi").with_model("acme/small")).await.unwrap();

    let report = driver.budget().ledger().report().await.unwrap();
    assert_eq!(report.lines().len(), NAMED + 2);
    let shared: Vec<_> = report.lines().iter().filter(|line| line.provider == "other providers").collect();
    assert_eq!((&*shared[0].model, shared[0].calls), ("acme/small", 1));
    assert_eq!((shared[1].calls, shared[1].spent), (4, Usd::from_nano_dollars(12)));
    assert_eq!(report.total().calls, u64::try_from(NAMED + 5).unwrap());
}
