//! Ctrl-C in another process.
#![cfg(all(unix, feature = "signal"))]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli_batch::{Batch, Sink, StopHandle, StopReason, Table};
use botticelli_layers::mock::{MockDriver, MockReply};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "BOTTICELLI_BATCH_TEST_SIGNAL";
const CALLS: usize = 4;

/// The run of the other process. The first calls take 0.2 s, so that a signal meets them in flight, and later ones an hour.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = Path::new(&folder);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let is_slow = folder.join("slow").exists();
        let delay = Duration::from_millis(if is_slow { 3_600_000 } else { 200 });
        let driver = MockDriver::replying(move |_| MockReply::text("x").with_delay(delay));
        let batch = Batch::new(driver.clone())
            .with_prompt("{{ id }}")
            .unwrap()
            .with_concurrency(CALLS)
            .with_stop(StopHandle::on_ctrl_c().unwrap());
        let sink = Sink::create(folder.join("out.jsonl")).unwrap();
        let table = Table::open(folder.join("in.jsonl")).unwrap();
        let signal = async {
            while driver.requests().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            std::fs::write(folder.join("ready"), "").unwrap();
        };
        let (report, ()) = tokio::join!(batch.run(table, sink), signal);
        let report = report.unwrap();
        let reason = match report.stop {
            Some(StopReason::Requested) => "requested",
            Some(StopReason::Aborted) => "aborted",
            _ => "none",
        };
        std::fs::write(folder.join("result"), format!("{reason} {}", report.answered)).unwrap();
    });
}

fn start(folder: &Path) -> Child {
    let rows: Vec<_> = (0..1000).map(|id| format!("{{\"id\":{id}}}\n")).collect();
    std::fs::write(folder.join("in.jsonl"), rows.concat()).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !folder.join("ready").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn interrupt(child: &Child) {
    send("-INT", child);
}

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn one_ctrl_c_lets_the_calls_in_flight_end() {
    drains("-INT");
}

#[test]
fn the_signal_of_a_job_that_has_to_end_does_the_same() {
    drains("-TERM");
}

fn drains(signal: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path());
    send(signal, &child);
    assert!(child.wait().unwrap().success());
    let result = std::fs::read_to_string(folder.path().join("result")).unwrap();
    let answered: usize = result.strip_prefix("requested ").unwrap().parse().unwrap();
    assert!((CALLS..1000).contains(&answered), "{result}");
    let journal = std::fs::read_to_string(folder.path().join("out.jsonl.journal")).unwrap();
    assert_eq!(journal.lines().count(), answered + 1);
}

#[test]
fn a_second_ctrl_c_drops_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("slow"), "").unwrap();
    let mut child = start(folder.path());
    interrupt(&child);
    // Two signals at once may become one.
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "the first one drops the calls");
    interrupt(&child);
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(folder.path().join("result")).unwrap(), "aborted 0");
}
