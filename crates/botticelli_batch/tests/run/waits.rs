//! Waits between the attempts of a row.

use crate::common::{Files, batch, prompt};
use botticelli_layers::mock::{MockDriver, MockReply};
use std::time::Duration;
use tokio::time::Instant;

/// A driver that rejects the row `t1` for this time, and asks for a wait.
fn rejecting(time: Duration, retry_after: Duration) -> MockDriver {
    let start = Instant::now();
    MockDriver::replying(move |call| {
        let text = prompt(call.chat().unwrap());
        if text == "t1" && start.elapsed() < time {
            return MockReply::rate_limited(retry_after);
        }
        MockReply::text(format!("re: {text}"))
    })
}

#[tokio::test(start_paused = true)]
async fn a_row_that_may_be_sent_again_at_once_is_not_given_up_at_once() {
    // The other rows succeed meanwhile, so that the run does not pause.
    let files = Files::with_rows(300);
    let driver = rejecting(Duration::from_secs(60), Duration::ZERO);
    let report = files.run(&batch(&driver).with_concurrency(2)).await.unwrap();
    assert_eq!((report.answered, report.failed), (300, 0));
    assert!(driver.requests().len() < 320, "{}", driver.requests().len());
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_as_long_as_the_service_asks_for_up_to_the_longest_pause() {
    for (asked, waited) in [(30, 30), (86_400, 600), (u64::MAX, 600)] {
        let (files, start) = (Files::with_rows(3), Instant::now());
        let driver = rejecting(Duration::from_secs(1), Duration::from_secs(asked));
        let report = files.run(&batch(&driver)).await.unwrap();
        assert_eq!((report.answered, driver.requests().len()), (3, 4));
        assert_eq!(start.elapsed().as_secs(), waited, "{asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn settings_may_be_longer_than_the_clock_can_count() {
    let files = Files::with_rows(3);
    let driver = rejecting(Duration::from_secs(1), Duration::MAX);
    let batch = batch(&driver).with_max_pause(Duration::MAX).with_observer_interval(Duration::MAX);
    let report = files.run(&batch.with_observer(|_| {})).await.unwrap();
    assert_eq!((report.answered, driver.requests().len()), (3, 4));
}
