//! The effect of one call on the ledger.

use crate::common::{Attempt, Service, noon, whole};
use botticelli_core::{CostEstimate, GenerateRequest, RetryGate, Timeouts, Usd};
use botticelli_error::{
    BotticelliErrorKind, BudgetErrorKind, BudgetUnit, ErrorCategory, LimitError, LimitErrorKind,
};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Budgeted, LedgerLine, OnUnknownPrice};
use futures::{FutureExt, StreamExt};
use std::time::Duration;

/// A service whose calls cost at most 100 nano-dollars, with a budget of 1,000.
fn budgeted(script: impl IntoIterator<Item = Attempt>) -> Budgeted<Service> {
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(noon(0));
    Service::new(CostEstimate::at_most(100).with_tokens(Some(50)), script).with_budget(budget)
}

async fn total(driver: &Budgeted<Service>) -> LedgerLine {
    driver.budget().ledger().report().await.unwrap().total()
}

/// Returns the spent and the held nano-dollars.
async fn books(driver: &Budgeted<Service>) -> (u64, u64) {
    let total = total(driver).await;
    (total.spent.nano_dollars(), total.held.nano_dollars())
}

#[tokio::test]
async fn a_response_settles_its_cost() {
    let driver = budgeted([Attempt::Answer(30), Attempt::Answer(40)]);
    driver.generate("Hi".into()).await.unwrap();
    whole(driver.generate_stream("Hi".into()).await.unwrap()).await.unwrap();
    assert_eq!(books(&driver).await, (70, 0));
    let total = total(&driver).await;
    assert_eq!((total.calls, total.tokens, total.held_tokens), (2, 20, 0));
}

#[tokio::test]
async fn a_completion_settles_its_cost() {
    let driver = budgeted([Attempt::Answer(30), Attempt::Answer(40), Attempt::Refuse]);
    driver.complete("Once".into()).await.unwrap();
    whole(driver.complete_stream("Once".into()).await.unwrap()).await.unwrap();
    assert!(driver.complete("Once".into()).await.is_err());
    assert_eq!(books(&driver).await, (70, 0));
}

#[tokio::test]
async fn the_report_names_day_model_and_provider() {
    let driver = budgeted([Attempt::Answer(30), Attempt::Answer(40)]);
    driver.generate("Hi".into()).await.unwrap();
    driver.generate(GenerateRequest::from("Hi").with_model("acme/small")).await.unwrap();
    let report = driver.budget().ledger().report().await.unwrap();
    let lines: Vec<_> =
        report.lines().iter().map(|line| (&*line.day, &*line.model, &*line.provider)).collect();
    assert_eq!(lines, [("2026-11-28", "acme/large", "acme"), ("2026-11-28", "acme/small", "acme")]);
    assert_eq!(report.by_model().len(), 2);
    assert_eq!(report.by_day()[0].spent, Usd::from_nano_dollars(70));
    assert_eq!(report.by_provider()[0].provider, "acme");
}

#[tokio::test]
async fn a_refusal_releases_the_reservation() {
    let driver = budgeted([Attempt::Refuse]);
    assert!(driver.generate("Hi".into()).await.is_err());
    assert_eq!(books(&driver).await, (0, 0));
}

#[tokio::test]
async fn an_unknown_cost_keeps_the_reservation() {
    let driver = budgeted([Attempt::Silent(60)]);
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(books(&driver).await, (0, 100));
    assert_eq!(total(&driver).await.held_tokens, 50);
}

#[tokio::test]
async fn a_stream_that_breaks_keeps_the_reservation() {
    let driver = budgeted([Attempt::CutStream(60)]);
    let error = whole(driver.generate_stream("Hi".into()).await.unwrap()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Interrupted);
    assert_eq!(books(&driver).await, (0, 100));
}

#[tokio::test]
async fn a_dropped_call_keeps_the_reservation() {
    let driver = budgeted([Attempt::Hang(60), Attempt::Answer(10), Attempt::Hang(60)]);
    let mut call = driver.generate("Hi".into());
    assert!((&mut call).now_or_never().is_none());
    // Once more, after the driver has yielded.
    assert!((&mut call).now_or_never().is_none());
    drop(call);
    assert_eq!(books(&driver).await, (0, 100));

    // A stream that is dropped after its first chunk.
    let mut stream = driver.generate_stream("Hi".into()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(books(&driver).await, (0, 200));
}

#[tokio::test]
async fn every_retry_is_reserved_and_kept() {
    let driver = budgeted([Attempt::Cut(60), Attempt::Cut(70), Attempt::Answer(30)]);
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(books(&driver).await, (30, 200));
    assert!(driver.inner().billed() <= 230);
}

#[tokio::test]
async fn a_retry_beyond_the_budget_is_not_sent() {
    let budget = Budget::per_month(Usd::from_nano_dollars(250)).with_clock(noon(0));
    let script = [Attempt::Cut(90), Attempt::Cut(90), Attempt::Cut(90), Attempt::Answer(90)];
    let driver = Service::new(CostEstimate::at_most(100), script).with_budget(budget);
    let error = driver.generate("Hi".into()).await.unwrap_err();
    // The caller sees the error of the last attempt, with its text.
    assert_eq!(error.category(), ErrorCategory::Interrupted);
    assert_eq!(error.partial().map(|partial| partial.text().to_owned()).as_deref(), Some("H"));
    assert_eq!(driver.inner().sent(), 2);
    assert_eq!(books(&driver).await, (0, 200));
}

#[tokio::test]
async fn the_gate_of_the_caller_is_asked_first() {
    let driver = budgeted([Attempt::Cut(60), Attempt::Answer(30)]);
    let gate = RetryGate::new(|_| {
        Box::pin(async { Err(LimitError::new(LimitErrorKind::Turns { limit: 1 }).into()) })
    });
    let error = driver.generate(GenerateRequest::from("Hi").with_retry_gate(gate)).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Interrupted);
    assert_eq!(driver.inner().sent(), 1);
    assert_eq!(books(&driver).await, (0, 100));
}

#[tokio::test]
async fn a_call_beyond_the_budget_is_refused_with_the_facts() {
    let budget = Budget::per_month(Usd::parse("0.10").unwrap()).with_clock(noon(0));
    let service = Service::new(CostEstimate::at_most(60_000_000), [Attempt::Answer(50_000_000)])
        .with_cheaper("acme/large:b", 55_000_000)
        .with_cheaper("acme/small:a", 20_000_000);
    let driver = service.with_budget(budget);
    driver.generate("Hi".into()).await.unwrap();
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!(driver.inner().sent(), 1);
    assert_eq!(error.category(), ErrorCategory::BudgetExceeded);
    assert!(!error.is_retryable() && !error.may_be_billed());
    assert_eq!(
        error.to_string(),
        "budget: the call may take $0.06, but $0.05 is left of the $0.10 per month. Use acme/small:a, which costs at most \
         $0.02, or lower `max_tokens`, raise the limit, or wait until 2026-12-01T00:00:00Z."
    );
    let BotticelliErrorKind::Budget(budget) = error.kind() else { panic!("{error}") };
    assert_eq!(budget.cheaper(), Some(("acme/small:a", 20_000_000)));
}

#[tokio::test]
async fn a_call_above_the_limit_per_call_is_refused() {
    let budget = Budget::per_call(Usd::from_nano_dollars(99)).with_clock(noon(0));
    let driver = Service::new(CostEstimate::at_most(100), [Attempt::Answer(1)]).with_budget(budget);
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert!(error.to_string().contains("the call may take $0.0000001"), "{error}");
    assert_eq!(driver.inner().sent(), 0);
}

#[tokio::test]
async fn the_limit_per_call_includes_the_retries() {
    let budget = Budget::per_call(Usd::from_nano_dollars(250)).with_clock(noon(0));
    let script = [Attempt::Cut(9), Attempt::Cut(9), Attempt::Answer(9)];
    let driver = Service::new(CostEstimate::at_most(100), script).with_budget(budget);
    assert_eq!(driver.generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::Interrupted);
    assert_eq!(driver.inner().sent(), 2);
}

#[tokio::test]
async fn an_unknown_price_is_refused_unless_it_is_allowed() {
    let budget = || Budget::per_month(Usd::from_nano_dollars(100)).with_clock(noon(0));
    let service = || Service::new(CostEstimate::unknown(), [Attempt::Silent(1), Attempt::Answer(40)]);
    let driver = service().with_budget(budget());
    let error = driver.generate("Hi".into()).await.unwrap_err();
    let BotticelliErrorKind::Budget(refusal) = error.kind() else { panic!("{error}") };
    let expected =
        BudgetErrorKind::UnknownPrice { model: "acme/large".into(), unit: BudgetUnit::NanoDollars };
    assert_eq!(refusal.kind(), &expected);
    assert_eq!(driver.inner().sent(), 0);

    let driver = service().with_budget(budget().with_on_unknown_price(OnUnknownPrice::Allow));
    driver.generate("Hi".into()).await.unwrap();
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(books(&driver).await, (40, 0));
}

#[tokio::test]
async fn without_a_catalog_the_price_is_unknown() {
    let budget = || Budget::per_month(Usd::from_nano_dollars(100)).with_clock(noon(0));
    let service = || Service::new(CostEstimate::at_most(1), [Attempt::Answer(40)]).without_catalog();
    let driver = service().with_budget(budget());
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!((error.category(), driver.inner().sent()), (ErrorCategory::Interrupted, 0));
    let note = "The budget could not estimate the cost of the call, so nothing was sent.";
    assert!(error.to_string().ends_with(note), "{error}");

    let driver = service().with_budget(budget().with_on_unknown_price(OnUnknownPrice::Allow));
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(books(&driver).await, (40, 0));
}

#[tokio::test]
async fn a_limit_of_tokens_needs_an_estimate_of_tokens() {
    let budget = Budget::tokens_per_day(70).with_clock(noon(0));
    let estimate = CostEstimate::unknown();
    let driver = Service::new(estimate, [Attempt::Answer(1)]).with_budget(budget.clone());
    assert!(driver.generate("Hi".into()).await.unwrap_err().to_string().contains("number of tokens"));

    let driver = Service::new(estimate.with_tokens(Some(50)), [Attempt::Answer(1), Attempt::Answer(1)])
        .with_budget(budget.with_ledger(botticelli_layers::budget::Ledger::memory()));
    // The first call may take 50 and takes 10, the second may take 50 of 60, and the third 50 of 50.
    driver.generate("Hi".into()).await.unwrap();
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(driver.generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::InvalidRequest);
    assert_eq!(total(&driver).await.tokens, 20);
}

#[tokio::test]
async fn an_account_without_credits_is_not_asked_again_this_month() {
    let clock = noon(0);
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(clock.clone());
    let script = [Attempt::NoCredits, Attempt::Answer(1), Attempt::Answer(1)];
    let driver = Service::new(CostEstimate::at_most(100), script).with_budget(budget);
    assert_eq!(driver.generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::CreditsExhausted);
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!((error.category(), driver.inner().sent()), (ErrorCategory::CreditsExhausted, 1));
    assert!(
        error.to_string().contains("`default` has no credits left. Wait until 2026-12-01T00:00:00Z"),
        "{error}"
    );

    // It is over when the month is, and not a day later.
    clock.advance(Duration::from_secs(2 * 86_400));
    assert_eq!(driver.generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::CreditsExhausted);
    clock.advance(Duration::from_secs(12 * 3_600));
    driver.generate("Hi".into()).await.unwrap();
}

#[tokio::test]
async fn credits_that_were_added_are_used() {
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(noon(0));
    let driver = Service::new(CostEstimate::at_most(100), [Attempt::NoCredits, Attempt::Answer(1)])
        .with_budget(budget);
    driver.generate("Hi".into()).await.unwrap_err();
    driver.budget().ledger().clear_exhausted("default").await.unwrap();
    driver.generate("Hi".into()).await.unwrap();
}

#[tokio::test]
async fn a_service_without_credits_does_not_stop_another_credit_account() {
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(noon(0));
    let first = Service::new(CostEstimate::at_most(100), [Attempt::NoCredits]).with_budget(budget.clone());
    let other = budget.with_credit_account("other");
    let second = Service::new(CostEstimate::at_most(100), [Attempt::Answer(1)]).with_budget(other);
    first.generate("Hi".into()).await.unwrap_err();
    second.generate("Hi".into()).await.unwrap();
}

#[tokio::test]
async fn a_free_call_needs_no_credits() {
    let budget = Budget::per_month(Usd::ZERO).with_clock(noon(0));
    let paid = Service::new(CostEstimate::at_most(1), [Attempt::NoCredits]);
    let free = Service::new(CostEstimate::at_most(0), [Attempt::Answer(0)]);
    let (paid, free) = (paid.with_budget(budget.clone()), free.with_budget(budget));
    assert_eq!(paid.generate("Hi".into()).await.unwrap_err().category(), ErrorCategory::BudgetExceeded);
    free.generate("Hi".into()).await.unwrap();
}

#[tokio::test]
async fn the_suggested_route_fits_every_limit() {
    // 100 per call; of the 130 per day, 70 are used, so 60 are left; 110 of the month.
    let budget = Budget::per_call(Usd::from_nano_dollars(100))
        .with_per_day(Usd::from_nano_dollars(130))
        .with_per_month(Usd::from_nano_dollars(180))
        .with_clock(noon(0));
    let ledger = budget.ledger().clone();
    let first = Service::new(CostEstimate::at_most(70), [Attempt::Answer(70)]);
    first.with_budget(budget.clone()).generate("Hi".into()).await.unwrap();
    for (estimate, cheaper) in [(120, "acme/small:a"), (90, "acme/small:a")] {
        let service = Service::new(CostEstimate::at_most(estimate), [])
            .with_cheaper("acme/large:b", 80)
            .with_cheaper("acme/small:a", 55);
        let error = service.with_budget(budget.clone()).generate("Hi".into()).await.unwrap_err();
        let BotticelliErrorKind::Budget(refusal) = error.kind() else { panic!("{error}") };
        assert_eq!(refusal.cheaper(), Some((cheaper, 55)), "{error}");
    }
    assert_eq!(ledger.report().await.unwrap().total().calls, 1);
}

#[tokio::test]
async fn no_route_is_suggested_if_the_tokens_are_too_many() {
    let budget = Budget::tokens_per_day(40).with_per_call(Usd::from_nano_dollars(90)).with_clock(noon(0));
    for most in [100, 10] {
        let estimate = CostEstimate::at_most(most).with_tokens(Some(50));
        let service = Service::new(estimate, []).with_cheaper("acme/small:a", 1);
        let error = service.with_budget(budget.clone()).generate("Hi".into()).await.unwrap_err();
        let BotticelliErrorKind::Budget(refusal) = error.kind() else { panic!("{error}") };
        assert_eq!(refusal.cheaper(), None, "{error}");
    }
}

#[tokio::test]
async fn the_total_timeout_includes_the_estimate() {
    let clock = noon(0);
    let budget = Budget::per_month(Usd::from_nano_dollars(1_000)).with_clock(clock.clone());
    let mut service = Service::new(CostEstimate::at_most(1), [Attempt::Answer(1)]);
    service.estimating = Some((clock.clone(), Duration::from_secs(2)));
    let driver = service.with_budget(budget);
    let request = |seconds| {
        let timeouts = Timeouts::default().with_total(Duration::from_secs(seconds));
        GenerateRequest::from("Hi").with_timeouts(timeouts)
    };
    let mut call = driver.generate(request(5));
    assert!((&mut call).now_or_never().is_none());
    clock.advance(Duration::from_secs(2));
    call.await.unwrap();
    let timeouts = driver.inner().timeouts.lock().unwrap().pop().flatten().unwrap();
    assert_eq!(timeouts.total(), Some(Duration::from_secs(3)));

    // The estimate takes longer than the call may.
    let mut call = driver.generate(request(1));
    assert!((&mut call).now_or_never().is_none());
    clock.advance(Duration::from_secs(1));
    let error = call.now_or_never().unwrap().unwrap_err();
    assert_eq!((error.category(), driver.inner().sent()), (ErrorCategory::Timeout, 1));
    assert_eq!(books(&driver).await, (1, 0));
}
