//! Estimates, samples and budgets.

use crate::common::{Files, batch, echo, prompt};
use botticelli_batch::{Batch, StopReason};
use botticelli_core::{Cost, CostEstimate, Usage, Usd};
use botticelli_error::ErrorCategory;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::Budget;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::time::Duration;

/// A driver whose calls cost 100 nano-dollars, and at most 1000.
fn priced() -> MockDriver {
    let reply = |text: String| {
        MockReply::text(format!("re: {text}"))
            .with_usage(Usage::new(Some(6), Some(4), None))
            .with_delay(Duration::from_millis(50))
    };
    MockDriver::replying(move |call| reply(prompt(call.chat().unwrap())))
        .with_cost(Cost::reported(100))
        .with_estimate(CostEstimate::at_most(1000).with_tokens(Some(50)))
}

#[tokio::test(start_paused = true)]
async fn an_estimate_sends_nothing_and_bounds_the_requests() {
    let files = Files::with_input("{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"a\"}\n{\"x\":1}\noops\n");
    let driver = priced();
    let estimate = batch(&driver).estimate(&files.table(), &files.sink()).await.unwrap();
    assert_eq!((estimate.rows, estimate.requests, estimate.invalid, estimate.cached), (5, 2, 2, 0));
    assert_eq!((estimate.max_nano_dollars, estimate.max_tokens), (Some(2000), Some(100)));
    assert_eq!((estimate.likely_nano_dollars, estimate.likely_tokens), (None, None));
    assert!(driver.requests().is_empty() && !files.path("out.jsonl.journal").exists());
}

#[tokio::test(start_paused = true)]
async fn an_estimate_learns_from_the_first_answers() {
    let files = Files::with_rows(1000);
    let driver = priced();
    let _ = files.run(&batch(&driver).with_limit(20)).await.unwrap();
    let estimate = batch(&driver).estimate(&files.table(), &files.sink()).await.unwrap();
    assert_eq!((estimate.cached, estimate.remaining()), (20, 980));
    assert_eq!((estimate.max_nano_dollars, estimate.likely_nano_dollars), (Some(980_000), Some(98_000)));
    assert_eq!(estimate.likely_tokens, Some(9800));
    assert_eq!(estimate.to_string(), "1000 rows, 980 requests left, at most $0.00098, probably $0.000098");
    let other = Batch::new(driver.clone()).with_prompt("{{ text }}!").unwrap();
    let estimate = other.estimate(&files.table(), &files.sink()).await.unwrap();
    assert_eq!((estimate.cached, estimate.likely_nano_dollars), (0, None));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_price_makes_the_bound_unknown() {
    let files = Files::with_rows(3);
    let driver = echo().with_estimate(CostEstimate::unknown());
    let estimate = batch(&driver).estimate(&files.table(), &files.sink()).await.unwrap();
    assert_eq!((estimate.max_nano_dollars, estimate.max_tokens), (None, None));
    assert!(estimate.to_string().contains("unknown cost"));
}

#[tokio::test(start_paused = true)]
async fn a_sample_answers_the_first_rows_and_writes_nothing() {
    let files =
        Files::with_input("{\"text\":\"a\",\"id\":1}\noops\n{\"x\":1}\n{\"text\":\"b\"}\n{\"text\":\"c\"}\n");
    let driver = priced();
    let sample = batch(&driver).sample(&files.table(), 4).await.unwrap();
    assert_eq!(sample.len(), 4);
    assert_eq!(sample[0].prompt.as_deref(), Some("a"));
    assert_eq!(sample[0].row.as_ref().unwrap().columns()["id"], 1);
    assert_eq!((&sample[0].answer["answer"], sample[0].cost), (&"re: a".into(), Cost::reported(100)));
    assert!(sample[1].error.as_ref().unwrap().contains("in.jsonl:2") && sample[1].row.is_none());
    assert!(sample[2].error.as_ref().unwrap().contains("in.jsonl:3"));
    assert_eq!(driver.requests().len(), 2);
    let names: Vec<_> = std::fs::read_dir(files.path("in.jsonl").parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_budget_stops_the_run_when_it_is_used_up_and_not_before() {
    // The upper bounds of 10 calls fill the budget, and 91 calls use it up: the last one needs room for its upper bound.
    let files = Files::with_rows(500);
    let driver = priced();
    let budget = Budget::per_run(Usd::from_nano_dollars(10_000));
    let limited = Batch::new(driver.clone().with_budget(budget)).with_prompt("{{ text }}").unwrap();
    for batch in [limited.clone(), limited.with_concurrency(32)] {
        let report = files.run(&batch).await.unwrap();
        let Some(StopReason::Failed(error)) = &report.stop else { panic!("{report:?}") };
        assert_eq!(error.category(), ErrorCategory::BudgetExceeded);
        assert_eq!((report.answered, report.failed, report.unanswered), (91, 0, 409));
        assert_eq!((report.total_nano_dollars, report.remaining_nano_dollars), (9100, Some(40_900)));
        assert_eq!(driver.requests().len(), 91);
        assert_eq!(files.read("out.partial.jsonl").lines().count(), 91);
    }
    let text = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((text.answered, text.cached, driver.requests().len()), (500, 91, 500));
}

#[tokio::test(start_paused = true)]
async fn a_limit_per_call_fails_only_the_rows_above_it() {
    let files = Files::with_rows(5);
    let driver = priced();
    let limited = driver.clone().with_budget(Budget::per_call(Usd::from_nano_dollars(10)));
    let report = files.run(&Batch::new(limited).with_prompt("{{ text }}").unwrap()).await.unwrap();
    assert!(report.is_complete());
    assert_eq!((report.failed, driver.requests().len()), (5, 0));
}
