//! The memory of a process with large rows. A binary of its own, because other tests need memory, too.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli_batch::{Batch, Sink, Table};
use botticelli_layers::mock::{MockDriver, MockReply};
use std::io::Write;

const ROWS: usize = 80;
const ROW: usize = 3 << 20;

/// Largest memory of this process so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1_024
}

#[tokio::test]
async fn large_rows_are_written_before_many_of_them_are_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.jsonl"), folder.path().join("out.jsonl"));
    let mut file = std::fs::File::create(&input).unwrap();
    let pad = "x".repeat(ROW);
    for id in 0..ROWS {
        writeln!(file, "{{\"text\":\"t{id}\",\"pad\":\"{pad}\"}}").unwrap();
    }
    drop((file, pad));
    let driver = MockDriver::replying(|_| MockReply::text("x"));
    let batch = Batch::new(driver).with_prompt("{{ text }}").unwrap();
    let report = batch.run(Table::open(&input).unwrap(), Sink::create(&output).unwrap()).await.unwrap();
    assert_eq!(report.answered, 80);
    assert!(std::fs::metadata(&output).unwrap().len() > std::fs::metadata(&input).unwrap().len());
    assert!(peak() < ROWS * ROW / 2, "{} bytes for rows of {}", peak(), ROWS * ROW);
}
