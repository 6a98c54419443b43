//! Outputs in the order of completion.

use crate::common::{Files, batch, echo, mixed, prompt};
use botticelli_batch::{Batch, OutputOrder, Shard, StopHandle, StopReason};
use botticelli_error::ErrorCategory;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::time::Duration;

const PARTIAL: &str = "out.partial.jsonl";

/// A driver whose answers take different times. The row `t0` is the last one by far.
fn slow() -> MockDriver {
    MockDriver::replying(|call| {
        let text = prompt(call.chat().unwrap());
        let number: u64 = text[1..].parse().unwrap();
        let delay = if number == 0 { 300 } else { 1 + number * 7919 % 23 };
        MockReply::text(format!("re: {text}")).with_delay(Duration::from_millis(delay))
    })
}

fn live(driver: &MockDriver) -> Batch {
    batch(driver).with_order(OutputOrder::Completion)
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn rows_are_on_the_disk_before_the_run_ends_and_a_slow_row_is_the_last() {
    let files = Files::with_rows(50);
    let driver = slow();
    let settings = live(&driver);
    let run = files.run(&settings);
    tokio::pin!(run);
    let is_visible = async {
        while !files.path(PARTIAL).exists() || files.read(PARTIAL).lines().count() < 49 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        _ = &mut run => panic!("the run ended before its rows were visible"),
        () = is_visible => {}
    }
    let before = files.read(PARTIAL);
    assert!(before.ends_with('\n') && !before.contains("\"t0\""), "{before}");
    assert!(!files.path("out.jsonl").exists(), "a file under the final name is complete");
    let report = run.await.unwrap();
    assert_eq!((report.answered, report.output()), (50, Some(files.path("out.jsonl").as_path())));
    let output = files.output();
    // The visible rows remain, and the slow one follows.
    assert!(output.starts_with(&before));
    assert!(output.lines().last().unwrap().contains("\"t0\""), "{output}");
    assert!(!files.path(PARTIAL).exists());
}

#[tokio::test]
async fn both_orders_have_the_same_rows() {
    let (ordered, files) = (Files::with_input(&mixed()), Files::with_input(&mixed()));
    let first = ordered.run(&batch(&slow())).await.unwrap();
    let driver = slow();
    let second = files.run(&live(&driver)).await.unwrap();
    let counts = |report: &botticelli_batch::BatchReport| {
        (report.rows, report.answered, report.failed, report.unanswered, report.cached, report.requests)
    };
    assert_eq!(counts(&first), counts(&second));
    assert_eq!(driver.requests().len(), 150);
    assert_ne!(ordered.output(), files.output());
    assert_eq!(sorted(&ordered.output()), sorted(&files.output()));
}

#[tokio::test]
async fn a_run_that_is_dropped_at_any_time_has_each_row_once() {
    let reference = Files::with_input(&mixed());
    let _ = reference.run(&batch(&slow())).await.unwrap();
    let expected = reference.output();

    let files = Files::with_input(&mixed());
    let (mut drops, mut visible) = (0, 0);
    loop {
        let driver = slow();
        let settings = live(&driver).with_concurrency(8);
        let timeout = Duration::from_millis(15 + drops * 7);
        let run = tokio::time::timeout(timeout, async { files.run(&settings).await.unwrap() }).await;
        if let Ok(report) = run {
            assert!(report.is_complete());
            break;
        }
        drops += 1;
        assert!(drops < 200);
        // Rows that a reader has seen stay visible, and each is in the expected output.
        if files.path(PARTIAL).exists() {
            let rows = files.read(PARTIAL);
            let found = sorted(&rows);
            assert!(found.iter().all(|row| sorted(&expected).contains(row)), "{rows}");
            assert!(found.len() >= visible, "{} rows after {visible}", found.len());
            visible = found.iter().filter(|row| row.contains("re: ")).count();
        }
    }
    assert!(drops > 2 && visible > 0, "the test interrupts nothing");
    assert_eq!(sorted(&files.output()), sorted(&expected));
    assert_eq!(files.journal().lines().skip(1).count(), 150, "an answer was paid twice");
}

#[tokio::test]
async fn an_early_stop_keeps_the_rows_and_counts_the_rest() {
    // The credits end with the 20th call. The journal of an earlier run has rows at the end of the table.
    let run = async |order: OutputOrder| {
        let files = Files::with_input(&mixed());
        let tail = mixed().split_inclusive('\n').skip(150).collect::<String>();
        files.write("in.jsonl", &tail);
        let _ = files.run(&batch(&echo())).await.unwrap();
        std::fs::remove_file(files.path("out.jsonl")).unwrap();
        files.write("in.jsonl", &mixed());
        let count = std::sync::atomic::AtomicUsize::new(0);
        let driver = MockDriver::replying(move |call| {
            let text = prompt(call.chat().unwrap());
            if count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= 20 {
                return MockReply::failure(ErrorCategory::CreditsExhausted);
            }
            MockReply::text(format!("re: {text}"))
        });
        let report = files.run(&batch(&driver).with_concurrency(1).with_order(order)).await.unwrap();
        assert!(matches!(report.stop, Some(StopReason::Failed(_))));
        assert_eq!(report.output(), Some(files.path(PARTIAL).as_path()));
        assert!(!files.path("out.jsonl").exists());
        let partial = files.read(PARTIAL);
        assert_eq!(files.run(&batch(&echo()).with_order(order)).await.unwrap().unanswered, 0);
        assert!(!files.path(PARTIAL).exists());
        let counts = (report.rows, report.answered, report.failed, report.unanswered, report.cached);
        (counts, partial, files.output())
    };
    let (ordered, completion) = (run(OutputOrder::Input).await, run(OutputOrder::Completion).await);
    assert_eq!(ordered.0.0, 202);
    assert!(ordered.0.3 > 50, "{:?}", ordered.0);
    assert_eq!(
        (ordered.0.0, ordered.0.1, ordered.0.2, ordered.0.3),
        (completion.0.0, completion.0.1, completion.0.2, completion.0.3)
    );
    assert_eq!(sorted(&ordered.1), sorted(&completion.1));
    assert_eq!(sorted(&ordered.2), sorted(&completion.2));
}

#[tokio::test]
async fn failures_that_a_stopped_run_did_not_retry_stay_in_its_output() {
    let files = Files::with_rows(30);
    let refusing = MockDriver::replying(|_| MockReply::failure(ErrorCategory::Filtered));
    let _ = files.run(&live(&refusing)).await.unwrap();
    assert_eq!(files.output().lines().count(), 30);
    let broke = MockDriver::answering([MockReply::failure(ErrorCategory::CreditsExhausted)]).repeating();
    let report = files.run(&live(&broke).retry_failed()).await.unwrap();
    assert_eq!((report.rows, report.failed, report.unanswered), (30, 30, 0));
    assert_eq!(sorted(&files.read(PARTIAL)), sorted(&files.output()));
    let report = files.run(&live(&slow()).retry_failed()).await.unwrap();
    assert_eq!((report.answered, report.failed), (30, 0));
    assert_eq!(files.output().matches("re: t").count(), 30);
}

#[tokio::test]
async fn a_stop_at_once_leaves_the_rows_so_far() {
    let files = Files::with_rows(60);
    let stop = StopHandle::new();
    let driver = slow();
    let settings = live(&driver).with_concurrency(4).with_stop(stop.clone());
    let stopping = async {
        while !files.path(PARTIAL).exists() || files.read(PARTIAL).lines().count() < 10 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stop.stop();
        stop.stop();
    };
    let (report, ()) = tokio::join!(files.run(&settings), stopping);
    let report = report.unwrap();
    assert!(matches!(report.stop, Some(StopReason::Aborted)));
    assert_eq!(report.output(), None);
    let rows = files.read(PARTIAL).lines().count();
    assert_eq!(rows, files.journal().lines().count() - 1);
}

#[tokio::test]
async fn a_later_run_may_have_the_other_order() {
    let reference = Files::with_input(&mixed());
    let _ = reference.run(&batch(&echo())).await.unwrap();
    let files = Files::with_input(&mixed());
    let driver = echo();
    let _ = files.run(&live(&driver)).await.unwrap();
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.requests, files.output()), (0, reference.output()));
}

#[tokio::test]
async fn a_merge_of_such_shards_has_the_order_of_the_input() {
    let (whole, parts) = (Files::with_input(&mixed()), Files::with_input(&mixed()));
    let _ = whole.run(&batch(&slow())).await.unwrap();
    let driver = slow();
    let mut rows = Vec::new();
    for index in 0..3 {
        let report = parts.run(&live(&driver).with_shard(Shard::new(index, 3).unwrap())).await.unwrap();
        assert!(report.is_complete());
        let name = format!("out.shard-{index}-of-3.jsonl");
        rows.extend(parts.read(&name).lines().map(str::to_owned));
    }
    let report = live(&driver).merge(parts.table(), parts.sink(), 3).await.unwrap();
    assert_eq!((report.rows, report.answered, report.failed), (202, 200, 2));
    assert!(parts.output() == whole.output());
    rows.sort_unstable();
    assert_eq!(rows, sorted(&whole.output()));
}

#[tokio::test]
async fn an_input_that_shrinks_during_the_run_is_an_error_and_keeps_its_answers() {
    let pad = "x".repeat(200);
    let rows: Vec<_> = (0..2000).map(|id| format!("{{\"text\":\"t{id}\",\"pad\":\"{pad}\"}}\n")).collect();
    let files = Files::with_input(&rows.concat());
    let _ = files.run(&batch(&echo())).await.unwrap();
    // The second run starts with all rows, and its first pass finds fewer.
    let path = files.path("in.jsonl");
    let changing = MockDriver::replying(move |_| {
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(200).unwrap();
        MockReply::text("x")
    });
    files.write("in.jsonl", &format!("{{\"text\":\"new\"}}\n{}", rows.concat()));
    let error = files.run(&live(&changing).with_concurrency(1)).await.unwrap_err();
    assert!(error.to_string().contains("changed during the run"), "{error}");
    assert!(files.journal().lines().count() > 2000);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_keeps_pointing_to_the_output() {
    let files = Files::with_rows(3);
    files.write("real.jsonl", "");
    std::os::unix::fs::symlink(files.path("real.jsonl"), files.path("out.jsonl")).unwrap();
    let _ = files.run(&live(&echo()).restart()).await.unwrap();
    assert!(std::fs::symlink_metadata(files.path("out.jsonl")).unwrap().is_symlink());
    assert_eq!(files.read("real.jsonl").lines().count(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_gets_the_rows_as_they_are_answered() {
    let files = Files::with_rows(3);
    let status = std::process::Command::new("mkfifo").arg(files.path("out.jsonl")).status().unwrap();
    assert!(status.success());
    let path = files.path("out.jsonl");
    let reader = std::thread::spawn(move || std::fs::read_to_string(path).unwrap());
    let report = files.run(&live(&echo()).restart()).await.unwrap();
    assert!(report.is_complete());
    assert_eq!(reader.join().unwrap().lines().count(), 3);
}

#[cfg(feature = "csv")]
#[tokio::test]
async fn csv_has_its_header_first() {
    use botticelli_batch::Sink;
    let files = Files::with_rows(20);
    let driver = slow();
    let sink = Sink::create(files.path("out.csv")).unwrap();
    let report = live(&driver).run(files.table(), sink).await.unwrap();
    assert_eq!(report.answered, 20);
    let output = files.read("out.csv");
    assert!(output.starts_with("id,text,answer,error\n") && output.ends_with("0,t0,re: t0,\n"), "{output}");
    assert_eq!(output.lines().count(), 21);
}

#[cfg(all(feature = "csv", feature = "parquet"))]
#[tokio::test]
async fn parquet_has_the_rows_of_an_interrupted_and_continued_run() {
    use botticelli_batch::{Sink, Table};
    let files = Files::with_rows(3000);
    let parquet = || Sink::create(files.path("out.parquet")).unwrap();
    let count = std::sync::atomic::AtomicUsize::new(0);
    let broke = MockDriver::replying(move |call| {
        if count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= 1000 {
            return MockReply::failure(ErrorCategory::CreditsExhausted);
        }
        MockReply::text(format!("re: {}", prompt(call.chat().unwrap())))
    });
    let report = live(&broke).run(files.table(), parquet()).await.unwrap();
    assert_eq!(report.answered, 1000);
    let partial = Table::open(files.path("out.partial.parquet")).unwrap();
    assert_eq!(partial.row_count().unwrap(), Some(1000));
    let report = live(&slow()).run(files.table(), parquet()).await.unwrap();
    assert_eq!((report.cached, report.answered), (1000, 3000));
    let table = Table::open(files.path("out.parquet")).unwrap();
    let mut rows: Vec<_> = table
        .rows()
        .unwrap()
        .map(|row| {
            let row = row.unwrap();
            let columns = row.columns();
            assert_eq!(columns["answer"], format!("re: {}", columns["text"].as_str().unwrap()));
            columns["id"].as_u64().unwrap()
        })
        .collect();
    assert!(!rows.is_sorted());
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..3000));
    assert!(!files.path("out.partial.parquet").exists() && !files.path("out.parquet.tmp").exists());

    // From Parquet to Parquet, from several batches of rows.
    let sink = Sink::create(files.path("again.parquet")).unwrap();
    let again = live(&slow()).with_column_prefix("second_");
    let report = again.run(table, sink).await.unwrap();
    assert_eq!(report.answered, 3000);
    let table = Table::open(files.path("again.parquet")).unwrap();
    for row in table.rows().unwrap() {
        let row = row.unwrap();
        assert_eq!(row.columns()["answer"], row.columns()["second_answer"]);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_ends_the_run_after_the_calls_in_flight_and_loses_no_answer() {
    let files = Files::with_rows(2000);
    let driver = slow();
    // Every write to this device fails.
    let temporary = files.path("out.partial.jsonl.tmp");
    std::os::unix::fs::symlink("/dev/full", &temporary).unwrap();
    let error = files.run(&live(&driver).with_concurrency(8)).await.unwrap_err();
    assert!(error.to_string().contains("the disk is full. Free some space, and run again"), "{error}");
    let sent = driver.requests().len();
    assert!((1..2000).contains(&sent), "{sent}");
    assert_eq!(files.journal().lines().count(), sent + 1, "an answer is lost");
    std::fs::remove_file(files.path(PARTIAL)).unwrap();
    let report = files.run(&live(&echo())).await.unwrap();
    assert_eq!((report.answered, report.cached), (2000, u64::try_from(sent).unwrap()));
    assert_eq!(files.output().lines().count(), 2000);
}
