//! A run that is killed at any instant.
//!
//! `BOTTICELLI_KILLS=100` kills a run of 5,000 rows a hundred times. Without it, the run is shorter.

use crate::child::{AT_ONCE, batch, command, input, output};
use botticelli::{Sink, Table};
use botticelli_sandbox::{Capacity, Fault, ReceivedRequest, Sandbox};
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// Rows for each kill.
const ROWS_PER_KILL: usize = 50;

fn kills() -> usize {
    std::env::var("BOTTICELLI_KILLS").map_or(10, |kills| kills.parse().unwrap())
}

/// Writes rows, a tenth of which repeat an earlier one. Returns the number of distinct ones.
fn write_rows(path: &Path, count: usize) -> usize {
    let mut text = Vec::new();
    for row in 0..count {
        let shown = if row % 10 == 9 { row - 5 } else { row };
        writeln!(text, "{{\"id\": {row}, \"text\": \"number {shown}\"}}").unwrap();
    }
    std::fs::write(path, text).unwrap();
    count - count / 10
}

/// Returns a sandbox in which every tenth call fails, on average, in a way that a later call does not.
async fn flaky_sandbox(seed: u64) -> Sandbox {
    let faults = ["overloaded-429", "empty-503", "status=502"].map(|name| Fault::named(name).unwrap());
    Sandbox::builder()
        .with_random_faults(faults, 10, seed)
        .with_capacity(Capacity::new(AT_ONCE, Duration::from_millis(5)))
        .start()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_run_pays_only_for_what_is_missing_and_its_output_is_the_same() {
    let kills = kills();
    let folder = tempfile::tempdir().unwrap();
    let distinct = write_rows(&input(folder.path()), kills * ROWS_PER_KILL);
    let sandbox = flaky_sandbox(7).await;
    let mut delay = 0x2545_F491_u64;
    let mut killed = 0;
    for _ in 0..kills {
        let mut child = command(sandbox.base_url(), folder.path()).spawn().unwrap();
        let before = sandbox.requests().len();
        tokio::time::timeout(Duration::from_secs(30), sandbox.wait_for_requests(before + 1)).await.unwrap();
        delay = delay.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        tokio::time::sleep(Duration::from_micros((delay >> 33) % 50_000)).await;
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        assert!(!output(folder.path()).exists(), "an unfinished run has no output");
    }
    let status = command(sandbox.base_url(), folder.path()).status().unwrap();
    assert!(status.success());

    // Every row is answered, and the kills cost at most the calls in flight.
    let billed = sandbox.bill().responses();
    writeln!(std::io::stdout(), "{killed} kills, {distinct} distinct rows, {billed} answers billed").unwrap();
    assert!(billed >= distinct, "{billed} answers for {distinct} rows");
    assert!(billed <= distinct + killed * AT_ONCE, "{billed} answers for {distinct} rows and {killed} kills");
    let requests = sandbox.requests();
    let answered = requests.iter().filter(|request| request.status() == Some(200));
    let prompts: HashSet<&str> = answered.map(ReceivedRequest::text).collect();
    assert_eq!(prompts.len(), distinct);

    // An undisturbed run gives the same bytes.
    let undisturbed = tempfile::tempdir().unwrap();
    let (answers, quiet) = (undisturbed.path().join("answers.jsonl"), Sandbox::start().await.unwrap());
    let report = batch(quiet.base_url())
        .run(Table::open(input(folder.path())).unwrap(), Sink::create(&answers).unwrap())
        .await
        .unwrap();
    assert_eq!((report.requests, report.failed), (u64::try_from(distinct).unwrap(), 0));
    assert_eq!(quiet.bill().responses(), distinct);
    assert!(std::fs::read(&answers).unwrap() == std::fs::read(output(folder.path())).unwrap());
}
