//! Runs that are interrupted and continued.

use crate::common::{Files, batch, prompt};
use botticelli_layers::mock::{MockDriver, MockReply};
use std::time::Duration;

/// A driver whose answers take different times, so that they arrive out of order.
fn slow() -> MockDriver {
    MockDriver::replying(|call| {
        let text = prompt(call.chat().unwrap());
        let number: u64 = text[1..].parse().unwrap();
        MockReply::text(format!("re: {text}")).with_delay(Duration::from_millis(1 + number * 7919 % 23))
    })
}

#[tokio::test]
async fn a_run_that_is_dropped_at_any_time_continues_to_the_same_bytes() {
    let reference = Files::with_rows(400);
    let _ = reference.run(&batch(&slow())).await.unwrap();

    let files = Files::with_rows(400);
    let mut sent = 0;
    let mut drops = 0;
    loop {
        let driver = slow();
        let timeout = Duration::from_millis(20 + drops * 13);
        let run = tokio::time::timeout(timeout, async { files.run(&batch(&driver)).await.unwrap() }).await;
        sent += driver.requests().len();
        if let Ok(report) = run {
            assert_eq!((report.answered, report.rows), (400, 400));
            break;
        }
        drops += 1;
        // A drop in the last moment may leave the complete output, never a part.
        let has_output = files.path("out.jsonl").exists();
        assert!(!has_output || files.output() == reference.output(), "an output is incomplete");
        assert!(drops < 200);
    }
    assert!(drops > 2, "the test interrupts nothing");
    assert!(files.output() == reference.output());
    // What was in flight at a drop is asked again, and nothing else.
    let most = 400 + usize::try_from(drops).unwrap() * 512;
    assert!((400..=most).contains(&sent), "{sent} requests, {drops} drops");
    let answers = files.journal().lines().skip(1).count();
    assert_eq!(answers, 400, "an answer was paid twice");
}

#[tokio::test]
async fn a_complete_run_sends_nothing_again() {
    let files = Files::with_rows(50);
    let driver = slow();
    let _ = files.run(&batch(&driver)).await.unwrap();
    let before = files.output();
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.cached, report.requests, driver.requests().len()), (50, 0, 50));
    assert_eq!(files.output(), before);
}

#[tokio::test]
async fn an_input_that_moves_grows_and_is_corrected_continues() {
    let files = Files::with_input("{\"text\":\"t1\"}\n{\"text\" oops\n");
    let driver = slow();
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!(report.failed, 1);
    files.write("in.jsonl", "{\"text\":\"t3\"}\n{\"text\":\"t2\"}\n{\"text\":\"t1\"}\n");
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.cached, report.answered, driver.requests().len()), (1, 3, 3));
    assert!(files.output().lines().nth(2).unwrap().contains("re: t1"));
}
