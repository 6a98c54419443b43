//! Rows that fail.

use crate::common::{Files, batch, prompt};
use botticelli_batch::{OutputOrder, Table};
use botticelli_core::FinishReason;
use botticelli_error::ErrorCategory;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

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

#[tokio::test]
async fn an_input_that_cannot_be_read_further_does_not_lose_the_calls_in_flight() {
    let files = Files::with_rows(600);
    let second = files.path("more.jsonl");
    std::fs::write(&second, "{\"id\":600,\"text\":\"t600\"}\n").unwrap();
    let hidden = files.path("hidden.jsonl");
    let table = Table::open_all([files.path("in.jsonl"), second.clone()]).unwrap();
    let (from, to) = (second.clone(), hidden.clone());
    let driver = MockDriver::replying(move |_| {
        // The file disappears during the first call.
        let _ = std::fs::rename(&from, &to);
        MockReply::text("answer").with_delay(Duration::from_millis(2))
    });
    let error = batch(&driver).with_concurrency(8).run(table.clone(), files.sink()).await.unwrap_err();
    assert!(error.to_string().contains("more.jsonl does not exist"), "{error}");
    // Every call is in the journal, below its header.
    let calls = driver.requests().len();
    assert!(calls > 100, "{calls}");
    assert_eq!(files.journal().lines().count(), calls + 1);

    std::fs::rename(&hidden, &second).unwrap();
    let patient = MockDriver::answering(["answer"]).repeating();
    let report = batch(&patient).run(table, files.sink()).await.unwrap();
    assert_eq!((report.answered, patient.requests().len()), (601, 601 - calls));
}

#[tokio::test]
async fn answers_at_the_token_limit_are_counted_in_every_run() {
    for order in [OutputOrder::Input, OutputOrder::Completion] {
        let files =
            Files::with_input("{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"a\"}\n{\"text\":\"c\"}\n");
        let driver = MockDriver::replying(|call| {
            let reply = MockReply::text("The capital of Fra");
            if prompt(call.chat().unwrap()) == "c" {
                reply
            } else {
                reply.with_finish_reason(FinishReason::Length)
            }
        });
        let report = files.run(&batch(&driver).with_order(order)).await.unwrap();
        // Equal rows share an answer.
        assert_eq!((report.answered, report.failed, report.cut), (4, 0, 3));
        assert!(
            report.to_string().contains("4 of 4 rows answered, 0 failed, 3 cut at the token limit"),
            "{report}"
        );
        let report = files.run(&batch(&driver).with_order(order)).await.unwrap();
        assert_eq!((report.cached, report.cut, driver.requests().len()), (4, 3, 3));
    }
}

#[tokio::test]
async fn a_call_of_a_tool_without_a_text_is_no_answer() {
    let files = Files::with_rows(1);
    let driver = MockDriver::answering([MockReply::tool_call("look", "{}")]);
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, report.failed, report.invalid), (0, 1, 0));
    assert!(files.output().contains("called a tool instead of answering"), "{}", files.output());
}

#[tokio::test]
async fn rows_without_a_request_are_counted_apart() {
    let files = Files::with_input("{\"text\":\"a\"}\noops\n{\"id\":1}\n{\"text\":\"b\"}\n");
    let driver = MockDriver::replying(|call| {
        let is_bad = prompt(call.chat().unwrap()) == "b";
        if is_bad { MockReply::failure(ErrorCategory::InvalidRequest) } else { MockReply::text("x") }
    });
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, report.failed, report.invalid), (1, 3, 2));
}

#[tokio::test(start_paused = true)]
async fn rows_that_the_service_cannot_answer_do_not_pause_the_others_or_stop_the_run() {
    for calls in [1, 4, 32] {
        let files = Files::with_rows(30);
        // A fifth of the rows, spread or in a block.
        let driver = MockDriver::replying(|call| {
            let number: u32 = prompt(call.chat().unwrap())[1..].parse().unwrap();
            let is_bad = (3..6).contains(&number) || [0, 15, 28].contains(&number);
            if is_bad { MockReply::failure(ErrorCategory::Server) } else { MockReply::text("x") }
        });
        let begin = tokio::time::Instant::now();
        let report = files.run(&batch(&driver).with_concurrency(calls)).await.unwrap();
        assert!(report.stop.is_none(), "{calls} calls: {report:?}");
        assert_eq!((report.answered, report.failed), (24, 6), "{calls} calls");
        assert!(driver.requests().len() <= 24 + 6 * 5, "{}", driver.requests().len());
        assert!(begin.elapsed() < Duration::from_secs(120), "{:?}", begin.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_of_attempts_can_be_set() {
    for attempts in [1, 2, 5] {
        let files = Files::with_rows(3);
        let driver = failing(ErrorCategory::Timeout, 10);
        let batch = batch(&driver).with_attempts(NonZeroU32::new(attempts).unwrap());
        let report = files.run(&batch).await.unwrap();
        assert_eq!((report.answered, report.failed), (2, 1));
        assert_eq!(driver.requests().len(), 2 + usize::try_from(attempts).unwrap());
    }
}
