//! The progress that an observer sees.

use crate::server::Server;
use crate::{batch, run};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn progress_counts_rows_speed_and_the_time_left() {
    let server = Server::new(usize::MAX, f64::MAX);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let batch = batch(&server)
        .with_concurrency(10)
        .with_observer(move |progress| log.lock().unwrap().push(progress.clone()));
    let report = run(&batch, 1000).await;
    let seen = seen.lock().unwrap();
    // 10 calls of 0.4 s on average: 25 rows per second.
    let seconds = report.elapsed.as_secs_f64();
    assert!((38.0..44.0).contains(&seconds), "{seconds}");
    assert!((38..46).contains(&seen.len()), "{} reports", seen.len());
    let half = &seen[seen.len() / 2];
    assert_eq!((half.total, half.in_flight, half.concurrency), (Some(1000), 10, 10));
    assert!((23.0..27.0).contains(&half.rows_per_second), "{half:?}");
    let left = half.time_left.unwrap() + half.elapsed;
    assert!((38..44).contains(&left.as_secs()), "{half:?}");
    let last = seen.last().unwrap();
    assert_eq!((last.done(), last.answered, last.failed, last.in_flight), (1000, 1000, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_interval_between_reports_can_be_set() {
    let server = Server::new(usize::MAX, f64::MAX);
    let count = Arc::new(Mutex::new(0));
    let log = count.clone();
    let batch = batch(&server)
        .with_concurrency(10)
        .with_observer_interval(Duration::from_secs(20))
        .with_observer(move |_| *log.lock().unwrap() += 1);
    let _ = run(&batch, 1000).await;
    assert_eq!(*count.lock().unwrap(), 3);
}
