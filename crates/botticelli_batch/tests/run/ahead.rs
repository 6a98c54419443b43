//! The output in the order of the rows, which is written while later rows are answered.

use crate::common::{Files, batch, echo, prompt};
use botticelli_batch::{OutputOrder, StopHandle, StopReason};
#[cfg(feature = "parquet")]
use botticelli_batch::{Sink, Table};
use botticelli_error::ErrorCategory;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const ROWS: usize = 2000;
const TEMPORARY: &str = "out.jsonl.tmp";

/// Waits until a file has content, and returns its length; 0 if it stays empty.
fn length_of(path: &Path) -> u64 {
    for _ in 0..5_000 {
        match std::fs::metadata(path) {
            Ok(found) if found.len() > 0 => return found.len(),
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    0
}

/// A driver with long answers, which reads the length of a file when it gets the row with this text.
fn watching(text: &'static str, path: PathBuf) -> (MockDriver, Arc<AtomicU64>) {
    let seen = Arc::new(AtomicU64::new(0));
    let found = seen.clone();
    let driver = MockDriver::replying(move |call| {
        let prompt = prompt(call.chat().unwrap());
        if prompt == text {
            found.store(length_of(&path), Ordering::Relaxed);
        }
        MockReply::text(format!("re: {prompt} {}", "x".repeat(400)))
    });
    (driver, seen)
}

/// The output of a run that writes it after the first pass: the rows are too few for another thread.
async fn expected(rows: usize) -> String {
    let files = Files::with_rows(rows);
    let (driver, _) = watching("", PathBuf::new());
    let mut output = String::new();
    for begin in (0..rows).step_by(200) {
        let part: Vec<_> =
            (begin..begin + 200).map(|id| format!("{{\"id\":{id},\"text\":\"t{id}\"}}\n")).collect();
        files.write("in.jsonl", &part.concat());
        let _ = files.run(&batch(&driver).restart()).await.unwrap();
        output += &files.output();
    }
    output
}

#[tokio::test]
async fn the_first_rows_are_written_before_the_last_answer_arrives() {
    let files = Files::with_rows(ROWS);
    let (driver, seen) = watching("t1999", files.path(TEMPORARY));
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!(report.answered, 2000);
    assert!(seen.load(Ordering::Relaxed) > 0, "no row was written before the last call");
    assert_eq!(files.output(), expected(ROWS).await);
    assert!(!files.path(TEMPORARY).exists());
}

#[tokio::test(start_paused = true)]
async fn a_first_row_that_is_retried_delays_the_output_and_not_its_bytes() {
    let files = Files::with_rows(ROWS);
    let is_first_call = AtomicBool::new(true);
    let driver = MockDriver::replying(move |call| {
        let prompt = prompt(call.chat().unwrap());
        if prompt == "t0" && is_first_call.swap(false, Ordering::Relaxed) {
            return MockReply::failure(ErrorCategory::Connection);
        }
        MockReply::text(format!("re: {prompt} {}", "x".repeat(400)))
    });
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, report.requests), (2000, 2000));
    assert_eq!(files.output(), expected(ROWS).await);
}

#[tokio::test(start_paused = true)]
async fn rows_beyond_the_memory_of_the_output_are_read_again() {
    let files = Files::with_rows(0);
    // 12 MB: a slow first row holds up more rows than the run keeps in memory. Some are equal, and some are invalid.
    let rows = |begin: usize| -> String {
        let row = |id: usize| match id % 10 {
            7 => "{\"id\":7}\n".to_owned(),
            8 => "no JSON\n".to_owned(),
            9 => format!("{{\"id\":{id},\"text\":\"t1\"}}\n"),
            _ => format!("{{\"id\":{id},\"pad\":\"{}\",\"text\":\"t{id}\"}}\n", "x".repeat(20_000)),
        };
        (begin..begin + 900).map(row).collect()
    };
    files.write("in.jsonl", &rows(0));
    let is_first_call = Arc::new(AtomicBool::new(true));
    let driver = |is_first_call: Arc<AtomicBool>| {
        MockDriver::replying(move |call| {
            let prompt = prompt(call.chat().unwrap());
            if prompt == "t0" && is_first_call.swap(false, Ordering::Relaxed) {
                return MockReply::failure(ErrorCategory::Connection);
            }
            MockReply::text(format!("re: {prompt}"))
        })
    };
    let report = files.run(&batch(&driver(is_first_call.clone()))).await.unwrap();
    assert_eq!((report.rows, report.answered, report.failed), (900, 720, 180));
    assert!(!is_first_call.load(Ordering::Relaxed));
    let delayed = files.output();

    // The order of completion, sorted, and a run of which the journal has every answer.
    let mut sorted: Vec<_> = delayed.lines().map(str::to_owned).collect();
    let _ = files.run(&batch(&echo())).await.unwrap();
    assert_eq!(files.output(), delayed);
    let _ = files
        .run(&batch(&driver(is_first_call)).with_order(OutputOrder::Completion).restart())
        .await
        .unwrap();
    let output = files.output();
    let mut completed: Vec<_> = output.lines().collect();
    sorted.sort_unstable();
    completed.sort_unstable();
    assert_eq!(completed, sorted);
}

#[cfg(feature = "parquet")]
#[tokio::test(start_paused = true)]
async fn a_parquet_file_does_not_depend_on_the_rows_that_are_read_again() {
    let files = Files::with_rows(0);
    // Several batches, of which a slow first row holds up more than the run keeps in memory.
    let pad = |id: usize| format!("{:x}", id * 0x9e37_79b9).repeat(300);
    let row = |id: usize| format!("{{\"id\":{id},\"pad\":\"{}\",\"text\":\"t{id}\"}}\n", pad(id));
    files.write("in.jsonl", &(0..4_000).map(row).collect::<String>());
    let (input, output) = (files.path("in.parquet"), files.path("out.parquet"));
    let sink = |path: &Path| Sink::create(path).unwrap();
    sink(&input).write_rows(&files.table(), &[], |_| Ok(Vec::new())).unwrap();
    let mut written = Vec::new();
    for fails in [false, true] {
        let is_failing = AtomicBool::new(fails);
        let driver = MockDriver::replying(move |call| {
            let prompt = prompt(call.chat().unwrap());
            if prompt == "t0" && is_failing.swap(false, Ordering::Relaxed) {
                return MockReply::failure(ErrorCategory::Connection);
            }
            MockReply::text(format!("re: {prompt}"))
        });
        let report = batch(&driver).restart().run(Table::open(&input).unwrap(), sink(&output)).await.unwrap();
        assert_eq!(report.answered, 4_000);
        written.push(std::fs::read(&output).unwrap());
    }
    assert!(written[0] == written[1], "{} and {} bytes", written[0].len(), written[1].len());
}

#[tokio::test]
async fn a_row_is_written_as_it_was_asked() {
    let files = Files::with_rows(600);
    let (path, changed) =
        (files.path("in.jsonl"), files.read("in.jsonl").replacen("\"id\":0", "\"id\":9", 1));
    let driver = MockDriver::replying(move |call| {
        if prompt(call.chat().unwrap()) == "t10" {
            std::fs::write(&path, &changed).unwrap();
        }
        MockReply::text("x")
    });
    let _ = files.run(&batch(&driver)).await.unwrap();
    assert!(files.read("in.jsonl").starts_with("{\"id\":9,"));
    assert!(files.output().starts_with("{\"id\":0,"), "the row is not the one that was asked");
}

/// Runs a table whose first row is answered after all others but the last one. Returns whether rows are written before the last answer.
async fn is_written_early(limit: Option<usize>) -> bool {
    let files = Files::with_rows(ROWS);
    let path = files.path(TEMPORARY);
    // The calls of the last row since the answer to the first row.
    let (is_first_answered, late_calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let first_calls = AtomicU64::new(0);
    let written = Arc::new(AtomicBool::new(false));
    let found = written.clone();
    let driver = MockDriver::replying(move |call| {
        let prompt = prompt(call.chat().unwrap());
        match prompt.as_str() {
            "t0" if first_calls.fetch_add(1, Ordering::Relaxed) == 0 => {
                return MockReply::failure(ErrorCategory::Connection);
            }
            "t0" => is_first_answered.store(true, Ordering::Relaxed),
            "t1999" => {
                // The run takes the answer to the first row between two calls of the last one.
                let is_late = is_first_answered.load(Ordering::Relaxed);
                if !is_late || late_calls.fetch_add(1, Ordering::Relaxed) == 0 {
                    return MockReply::failure(ErrorCategory::Connection);
                }
                // A write begins on another thread.
                let is_there = || {
                    (0..100).any(|_| {
                        std::thread::sleep(Duration::from_millis(1));
                        path.exists()
                    })
                };
                found.store(is_there(), Ordering::Relaxed);
            }
            _ => {}
        }
        MockReply::text(format!("re: {prompt} {}", "x".repeat(400)))
    });
    let run = batch(&driver);
    let run = match limit {
        Some(limit) => run.with_max_waiting(limit),
        None => run,
    };
    let report = files.run(&run).await.unwrap();
    assert_eq!(report.answered, 2000);
    assert_eq!(files.output(), expected(ROWS).await);
    assert!(!files.path(TEMPORARY).exists());
    written.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn if_too_many_rows_wait_for_the_first_one_the_output_is_written_at_the_end() {
    assert!(is_written_early(None).await);
    assert!(is_written_early(Some(2000)).await);
    assert!(!is_written_early(Some(1000)).await);
}

#[tokio::test]
async fn a_stopped_run_leaves_the_answered_rows_and_no_temporary_file() {
    let files = Files::with_rows(ROWS);
    let stop = StopHandle::new();
    let handle = stop.clone();
    let path = files.path(TEMPORARY);
    let driver = MockDriver::replying(move |call| {
        let prompt = prompt(call.chat().unwrap());
        if prompt == "t1000" {
            assert!(length_of(&path) > 0, "no row was written before the stop");
            handle.stop();
        }
        MockReply::text(format!("re: {prompt} {}", "x".repeat(400)))
    });
    let report = files.run(&batch(&driver).with_stop(stop)).await.unwrap();
    assert!(matches!(report.stop, Some(StopReason::Requested)), "{report:?}");
    assert!(!files.path(TEMPORARY).exists() && !files.path("out.jsonl").exists());
    let partial = files.read("out.partial.jsonl");
    assert!(expected(ROWS).await.starts_with(&partial) && partial.lines().count() > 1000);

    let report = files.run(&batch(&echo())).await.unwrap();
    assert_eq!((report.answered, report.cached), (2000, u64::try_from(partial.lines().count()).unwrap()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_during_the_run_loses_no_answer() {
    let files = Files::with_rows(ROWS);
    let driver = echo();
    // Every write to this device fails.
    let temporary = files.path(TEMPORARY);
    std::os::unix::fs::symlink("/dev/full", &temporary).unwrap();
    // The first rows cannot be written. The whole output is then tried at the end, when the disk has room again.
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.answered, driver.requests().len()), (2000, 2000));
    assert_eq!(files.output().lines().count(), 2000);
}

#[tokio::test]
async fn a_row_that_changes_during_the_run_is_an_error_and_keeps_its_answers() {
    let files = Files::with_rows(ROWS);
    // The text is too far from the row before to be in the memory of a reader.
    let last = |text: &str| format!("{{\"pad\":\"{}\",\"text\":\"{text}\"}}\n", "x".repeat(4 << 20));
    let rows = files.read("in.jsonl");
    files.write("in.jsonl", &format!("{rows}{}", last("last")));
    let (path, changed) = (files.path("in.jsonl"), format!("{rows}{}", last("LAST")));
    let driver = MockDriver::replying(move |call| {
        if prompt(call.chat().unwrap()) == "last" {
            std::fs::write(&path, &changed).unwrap();
        }
        MockReply::text("x")
    });
    let error = files.run(&batch(&driver)).await.unwrap_err();
    assert!(error.to_string().contains("changed during the run"), "{error}");
    assert_eq!(files.journal().lines().count(), ROWS + 2, "an answer is lost");
    assert!(!files.path(TEMPORARY).exists() && !files.path("out.jsonl").exists());
}
