//! Runs that stop early.

use crate::common::{Files, batch, prompt};
use botticelli_batch::{OutputOrder, StopHandle, StopReason};
use botticelli_core::{GenerateResponse, Output};
use botticelli_error::ErrorCategory;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::time::Duration;

/// A driver that fails with this category from row `t10` on.
fn failing_later(category: ErrorCategory) -> MockDriver {
    MockDriver::replying(move |call| {
        let text = prompt(call.chat().unwrap());
        let number: u64 = text[1..].parse().unwrap();
        if number >= 10 { MockReply::failure(category) } else { MockReply::text(format!("re: {text}")) }
    })
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_account_stops_the_run_and_keeps_the_answers() {
    // One row can be forbidden or not found, so eight in a row have to be.
    let categories = [
        (ErrorCategory::CreditsExhausted, 12),
        (ErrorCategory::Authentication, 12),
        (ErrorCategory::NotFound, 19),
        (ErrorCategory::Permission, 19),
    ];
    for (category, most) in categories {
        let files = Files::with_rows(100);
        let driver = failing_later(category);
        let report = files.run(&batch(&driver).with_concurrency(2)).await.unwrap();
        let Some(StopReason::Failed(error)) = &report.stop else { panic!("{report:?}") };
        assert_eq!(error.category(), category);
        assert_eq!((report.rows, report.answered, report.failed, report.unanswered), (100, 10, 0, 90));
        assert!(driver.requests().len() <= most, "{}", driver.requests().len());
        assert!(!files.path("out.jsonl").exists());
        assert_eq!(report.output(), Some(files.path("out.partial.jsonl").as_path()));
        assert_eq!(files.read("out.partial.jsonl").lines().count(), 10);
        let error = report.into_complete().unwrap_err();
        assert!(error.to_string().contains("10 of 100 rows answered"), "{error}");

        let driver = crate::common::echo();
        let report = files.run(&batch(&driver)).await.unwrap();
        assert_eq!((report.cached, driver.requests().len(), report.answered), (10, 90, 100));
        assert!(files.path("out.jsonl").exists() && !files.path("out.partial.jsonl").exists());
    }
}

#[tokio::test(start_paused = true)]
async fn a_handle_drains_the_calls_in_flight() {
    let files = Files::with_rows(100);
    let stop = StopHandle::new();
    let handle = stop.clone();
    let driver = MockDriver::replying(move |call| {
        let text = prompt(call.chat().unwrap());
        if text == "t20" {
            handle.stop();
        }
        MockReply::text(format!("re: {text}")).with_delay(Duration::from_millis(100))
    });
    let report = files.run(&batch(&driver).with_stop(stop).with_concurrency(8)).await.unwrap();
    assert!(matches!(report.stop, Some(StopReason::Requested)), "{report:?}");
    let sent = u64::try_from(driver.requests().len()).unwrap();
    assert_eq!((report.answered, driver.open_calls()), (sent, 0));
    assert!((21..=28).contains(&sent), "{sent}");
}

#[tokio::test]
async fn a_second_stop_ends_the_run_at_once() {
    let files = Files::with_rows(100);
    let stop = StopHandle::new();
    let driver =
        MockDriver::answering([MockReply::text("x").with_delay(Duration::from_secs(600))]).repeating();
    let stopping = async {
        while driver.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.stop();
        tokio::time::sleep(Duration::from_millis(20)).await;
        stop.stop();
    };
    let batch = batch(&driver).with_stop(stop.clone());
    let run = tokio::time::timeout(Duration::from_secs(20), files.run(&batch));
    let (report, ()) = tokio::join!(run, stopping);
    let report = report.expect("the run ends").unwrap();
    assert!(matches!(report.stop, Some(StopReason::Aborted)), "{report:?}");
    assert_eq!((report.output(), driver.open_calls()), (None, 0));
}

/// A driver that rejects the rows with these texts.
fn rejecting(category: ErrorCategory, texts: &'static [&'static str]) -> MockDriver {
    MockDriver::replying(move |call| {
        let text = prompt(call.chat().unwrap());
        if texts.contains(&text.as_str()) { MockReply::failure(category) } else { MockReply::text("x") }
    })
}

#[tokio::test(start_paused = true)]
async fn one_row_that_the_service_rejects_does_not_stop_the_others() {
    let categories = [
        ErrorCategory::Permission,
        ErrorCategory::NotFound,
        ErrorCategory::NotServed,
        ErrorCategory::NotChatModel,
    ];
    for category in categories {
        // The first row, one in the middle and the last one; one call or many at a time.
        for calls in [1, 4, 64] {
            let files = Files::with_rows(50);
            let driver = rejecting(category, &["t0", "t20", "t49"]);
            let report = files.run(&batch(&driver).with_concurrency(calls)).await.unwrap();
            assert!(report.stop.is_none(), "{calls} calls: {report:?}");
            assert_eq!((report.answered, report.failed), (47, 3), "{calls} calls");
            assert_eq!(driver.requests().len(), 50);
            let output = files.output();
            let failed: Vec<_> = output.lines().filter(|line| line.contains("\"answer\":null")).collect();
            assert_eq!(failed.len(), 3, "{output}");

            // They are sent again on request.
            let report = files.run(&batch(&crate::common::echo()).retry_failed()).await.unwrap();
            assert_eq!((report.answered, report.requests), (50, 3));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_rejects_every_row_stops_the_run_after_few_calls() {
    // Fewer rows than decide, and more.
    for (rows, calls, most) in [(3, 1, 3), (100, 1, 8), (100, 16, 16)] {
        let files = Files::with_rows(rows);
        let driver = MockDriver::replying(|_| MockReply::failure(ErrorCategory::Permission));
        let report = files.run(&batch(&driver).with_concurrency(calls)).await.unwrap();
        let Some(StopReason::Failed(error)) = &report.stop else { panic!("{report:?}") };
        assert_eq!(error.category(), ErrorCategory::Permission);
        let unanswered = u64::try_from(rows).unwrap();
        assert_eq!((report.answered, report.failed, report.unanswered), (0, 0, unanswered));
        assert!(driver.requests().len() <= most, "{} of {most}", driver.requests().len());

        let report = files.run(&batch(&crate::common::echo())).await.unwrap();
        assert_eq!((report.answered, report.failed, report.cached), (unanswered, 0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn many_rows_equal_to_a_rejected_one_do_not_stop_the_others() {
    let row = |id: u32| {
        let text = if id.is_multiple_of(2) { "a" } else { "b" };
        format!("{{\"id\":{id},\"text\":\"{text}\"}}\n")
    };
    let rows = (0..10_000).map(row).collect::<Vec<_>>().concat();
    for order in [OutputOrder::Input, OutputOrder::Completion] {
        let files = Files::with_input(&rows);
        let driver = rejecting(ErrorCategory::Permission, &["b"]);
        let report = files.run(&batch(&driver).with_concurrency(1).with_order(order)).await.unwrap();
        assert_eq!((report.answered, report.failed, driver.requests().len()), (5_000, 5_000, 2));

        let files = Files::with_input(&rows);
        let driver = rejecting(ErrorCategory::Permission, &["a", "b"]);
        let report = files.run(&batch(&driver).with_concurrency(1).with_order(order)).await.unwrap();
        assert!(matches!(report.stop, Some(StopReason::Failed(_))), "{report:?}");
        assert_eq!((report.answered, report.failed, driver.requests().len()), (0, 0, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn answers_of_a_cache_do_not_prove_that_the_service_answers() {
    let files = Files::with_rows(100);
    let driver = MockDriver::replying(|call| {
        let text = prompt(call.chat().unwrap());
        let number: u64 = text[1..].parse().unwrap();
        let cached = GenerateResponse::builder().outputs(vec![Output::Text("x".into())]).build().unwrap();
        let cached = cached.with_cached(true);
        if number.is_multiple_of(2) {
            MockReply::response(cached)
        } else {
            MockReply::failure(ErrorCategory::NotFound)
        }
    });
    let report = files.run(&batch(&driver).with_concurrency(1)).await.unwrap();
    assert!(matches!(report.stop, Some(StopReason::Failed(_))), "{report:?}");
    assert_eq!(report.failed, 0);
    assert!(driver.requests().len() <= 17, "{}", driver.requests().len());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_gone_fails_no_row_of_a_continued_run() {
    let files = Files::with_rows(20);
    let report = files.run(&batch(&crate::common::echo()).with_limit(5)).await.unwrap();
    assert_eq!(report.answered, 5);
    let driver = MockDriver::replying(|_| MockReply::failure(ErrorCategory::NotFound));
    let report = files.run(&batch(&driver).with_concurrency(16)).await.unwrap();
    assert!(matches!(report.stop, Some(StopReason::Failed(_))), "{report:?}");
    assert_eq!((report.answered, report.failed), (5, 0));
}
