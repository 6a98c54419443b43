//! Rows that fail.

use crate::common::{Files, batch, prompt};
use botticelli_core::FinishReason;
use botticelli_error::ErrorCategory;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A driver that fails for the row `t1`, `times` times.
fn failing(category: ErrorCategory, times: usize) -> MockDriver {
    let count = Arc::new(AtomicUsize::new(0));
    MockDriver::replying(move |call| {
        let text = prompt(call.chat().unwrap());
        if text == "t1" && count.fetch_add(1, Ordering::Relaxed) < times {
            return MockReply::failure(category);
        }
        MockReply::text(format!("re: {text}"))
    })
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_a_row_is_recorded_and_retried_only_on_demand() {
    let files = Files::with_rows(3);
    let driver = failing(ErrorCategory::Filtered, 1);
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, report.failed, driver.requests().len()), (2, 1, 3));
    assert!(report.is_complete());
    let failed = files.output().lines().nth(1).unwrap().to_owned();
    assert!(failed.contains("\"answer\":null,\"error\":\"") && failed.contains("filtered"), "{failed}");

    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.cached, report.failed, driver.requests().len()), (3, 1, 3));

    let report = files.run(&batch(&driver).retry_failed()).await.unwrap();
    assert_eq!((report.answered, report.failed, driver.requests().len()), (3, 0, 4));
    assert!(files.output().contains("re: t1"));
}

#[tokio::test(start_paused = true)]
async fn equal_failed_rows_are_retried_once() {
    let files = Files::with_input(&"{\"text\":\"t1\"}\n".repeat(300));
    let driver = failing(ErrorCategory::Filtered, 100);
    let _ = files.run(&batch(&driver)).await.unwrap();
    let report = files.run(&batch(&driver).retry_failed()).await.unwrap();
    assert_eq!((report.failed, driver.requests().len()), (300, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_service_is_retried_within_the_run() {
    let files = Files::with_rows(3);
    let driver = failing(ErrorCategory::Server, 4);
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, report.failed, driver.requests().len()), (3, 0, 7));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_keeps_failing_is_given_up() {
    let files = Files::with_rows(3);
    let driver = failing(ErrorCategory::Server, usize::MAX);
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, report.failed, driver.requests().len()), (2, 1, 7));
}

#[tokio::test(start_paused = true)]
async fn a_text_that_a_filter_or_the_token_limit_ended_is_a_failure() {
    let files = Files::with_rows(3);
    let driver = MockDriver::replying(|call| match prompt(call.chat().unwrap()).as_str() {
        "t0" => MockReply::text("par").with_finish_reason(FinishReason::ContentFilter),
        "t1" => MockReply::text(" ").with_finish_reason(FinishReason::Length),
        _ => MockReply::text(""),
    });
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, report.failed), (1, 2));
    let output = files.output();
    assert!(output.lines().next().unwrap().contains("filter"), "{output}");
    assert!(output.lines().nth(1).unwrap().contains("max_tokens"), "{output}");
    assert!(output.lines().nth(2).unwrap().contains("\"answer\":\"\",\"error\":null"), "{output}");
    assert!(files.journal().contains("\"partial\":\"par\""));
}
