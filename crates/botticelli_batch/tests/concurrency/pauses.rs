//! Pauses after sustained failures.

use crate::server::Server;
use crate::{batch, run};
use botticelli_batch::StopReason;
use botticelli_interface::FixedRandom;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A part of the message of the server while it is down.
const OUTAGE: &str = "rejected";

#[tokio::test(start_paused = true)]
async fn an_outage_pauses_the_run_and_no_row_fails() {
    let server = Server::new(usize::MAX, 1000.0);
    let pauses = Arc::new(AtomicUsize::new(0));
    let switch = (server.clone(), pauses.clone());
    let batch = batch(&server).with_concurrency(8).with_observer(move |progress| {
        let (server, pauses) = &switch;
        pauses.fetch_add(usize::from(progress.is_paused), Ordering::Relaxed);
        assert_eq!(progress.is_paused, progress.pause_cause.is_some());
        assert!(progress.pause_cause.as_ref().is_none_or(|cause| cause.contains(OUTAGE)), "{progress}");
        assert_eq!(progress.to_string().contains(OUTAGE), progress.is_paused, "{progress}");
        let seconds = progress.elapsed.as_secs();
        server.set_down((5..125).contains(&seconds));
    });
    let report = run(&batch, 500).await;
    assert_eq!((report.answered, report.failed), (500, 0));
    // Two minutes down: a few failures, and probes after 1, 2, 4, 8, 16, 32 and 60 s.
    assert!(server.rejected() < 100, "{}", server.rejected());
    assert!(pauses.load(Ordering::Relaxed) > 60);
    assert!(report.elapsed < Duration::from_secs(240), "{:?}", report.elapsed);
}

#[tokio::test(start_paused = true)]
async fn an_outage_without_end_stops_the_run_after_the_longest_pause() {
    let server = Server::new(usize::MAX, 1000.0);
    let batch = batch(&server).with_max_pause(Duration::from_secs(300));
    server.set_down(true);
    let report = run(&batch, 500).await;
    assert!(matches!(report.stop, Some(StopReason::SustainedFailures(_))), "{report:?}");
    assert_eq!((report.answered, report.failed, report.unanswered), (0, 0, 500));
    assert!((300..400).contains(&report.elapsed.as_secs()), "{:?}", report.elapsed);
    assert!(server.calls() < 40, "{}", server.calls());
}

#[tokio::test(start_paused = true)]
async fn waits_between_probes_grow() {
    let server = Server::new(usize::MAX, 1000.0);
    server.set_down(true);
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = (server.clone(), calls.clone());
    let batch = batch(&server).with_observer(move |progress| {
        let (server, calls) = &seen;
        calls.lock().unwrap().push((progress.elapsed.as_secs(), server.calls()));
        server.set_down(progress.elapsed < Duration::from_secs(100));
    });
    let report = run(&batch, 50).await;
    assert!(report.is_complete());
    let calls = calls.lock().unwrap();
    let between = |from: u64, to: u64| {
        let at = |time| calls.iter().rev().find(|(seconds, _)| *seconds <= time).unwrap().1;
        at(to) - at(from)
    };
    assert!(between(5, 35) >= 2 && between(35, 95) <= 2, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn the_random_source_spreads_the_waits_before_retries() {
    let elapsed = async |fraction: f64| {
        let server = Server::new(usize::MAX, 1000.0);
        let switch = server.clone();
        server.set_down(true);
        // The first attempts of a few rows fail.
        let batch = batch(&server)
            .with_concurrency(3)
            .with_random(Arc::new(FixedRandom(fraction)))
            .with_observer_interval(Duration::from_millis(5))
            .with_observer(move |_| switch.set_down(false));
        let report = run(&batch, 3).await;
        assert_eq!((report.answered, server.rejected()), (3, 3));
        report.elapsed
    };
    // The first wait is from 0.25 s to 0.5 s.
    let (short, long) = (elapsed(0.0).await, elapsed(1.0).await);
    let difference = long.checked_sub(short).unwrap();
    assert!((200..300).contains(&difference.as_millis()), "{short:?} and {long:?}");
}
