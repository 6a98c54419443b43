//! The journal: damage, locks and other runs.

use crate::common::{Files, batch, echo, prompt};
use botticelli_batch::{Batch, OutputOrder, Sink, Table};
use botticelli_core::GenerateRequest;
use botticelli_error::{BotticelliError, BotticelliErrorKind, DataErrorKind};
use botticelli_layers::mock::{MockDriver, MockReply};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

fn kind(error: &BotticelliError) -> &DataErrorKind {
    match error.kind() {
        BotticelliErrorKind::Data(error) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_incomplete_last_line_is_removed_at_every_length() {
    let files = Files::with_rows(4);
    let driver = echo();
    let _ = files.run(&batch(&driver)).await.unwrap();
    let (whole, output) = (files.journal(), files.output());
    let last = whole.trim_end().rfind('\n').unwrap() + 1;
    for end in last..=whole.len() {
        files.write("out.jsonl.journal", &whole[..end]);
        let before = driver.requests().len();
        let report = files.run(&batch(&driver)).await.unwrap();
        // The line without its end is complete.
        let missing = usize::from(end < whole.len() - 1);
        assert_eq!(driver.requests().len() - before, missing, "cut at {end}");
        assert_eq!((report.answered, files.output()), (4, output.clone()));
        assert_eq!(files.journal().lines().count(), 5);
    }
}

#[tokio::test]
async fn an_incomplete_header_starts_again_and_a_damaged_line_is_asked_again() {
    let files = Files::with_rows(3);
    let driver = echo();
    files.write("out.jsonl.journal", "{\"botti");
    let _ = files.run(&batch(&driver)).await.unwrap();
    assert_eq!(driver.requests().len(), 3);
    let output = files.output();
    let mut lines: Vec<_> = files.journal().lines().map(str::to_owned).collect();
    lines[2] = "\0\0\0\0".to_owned();
    files.write("out.jsonl.journal", &(lines.join("\n") + "\n"));
    let _ = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((driver.requests().len(), files.output()), (4, output));
}

#[tokio::test]
async fn zeros_that_a_killed_process_or_a_power_failure_leaves_cost_no_answer() {
    let files = Files::with_rows(6);
    let driver = echo();
    let _ = files.run(&batch(&driver)).await.unwrap();
    let (whole, output) = (files.journal(), files.output());
    let last = whole.trim_end().rfind('\n').unwrap() + 1;
    let zeros = "\0".repeat(300_000);
    let (all, without_last) = (whole.as_str(), &whole[..last]);
    let between = whole.replacen('\n', &format!("\n{zeros}"), 3);
    let without_end = format!("{}{zeros}", whole.trim_end());
    // The second record is cut, and the third one is whole.
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let (second, rest) = (&lines[2][..20], lines[3..].concat());
    let cut = format!("{}{}{second}{zeros}{rest}", lines[0], lines[1]);
    for (journal, missing) in [
        (format!("{all}{zeros}"), 0),
        (format!("{without_last}{zeros}"), 1),
        (format!("{}{zeros}", &whole[..whole.len() - 9]), 1),
        (between, 0),
        (without_end, 0),
        (cut, 1),
        (zeros.clone(), 6),
    ] {
        files.write("out.jsonl.journal", &journal);
        if missing == 6 {
            std::fs::remove_file(files.path("out.jsonl")).unwrap();
        }
        let before = driver.requests().len();
        let report = files.run(&batch(&driver)).await.unwrap();
        assert_eq!((report.answered, driver.requests().len() - before), (6, missing));
        assert_eq!(files.output(), output);
        assert!(!files.journal().ends_with('\0'));
    }
}

#[tokio::test]
async fn a_fast_run_writes_zeros_ahead_and_removes_them_at_its_end() {
    let rows = 200;
    let files = Files::with_rows(rows);
    let seen = Arc::new(AtomicBool::new(false));
    let (journal, saw) = (files.path("out.jsonl.journal"), seen.clone());
    let driver = MockDriver::replying(move |call| {
        saw.fetch_or(std::fs::read(&journal).unwrap().ends_with(&[0]), Ordering::Relaxed);
        MockReply::text(prompt(call.chat().unwrap()))
    });
    let _ = files.run(&batch(&driver).with_concurrency(8)).await.unwrap();
    assert!(seen.load(Ordering::Relaxed), "no zeros were written, so this test proves nothing");
    assert!(!files.journal().contains('\0'));
    assert_eq!(files.journal().lines().count(), rows + 1);

    // A run that is dropped removes them, too. The calls before the last eight are recorded when all of these are in flight.
    std::fs::remove_file(files.path("out.jsonl")).unwrap();
    let (calls, all_stuck) = (AtomicUsize::new(0), Arc::new(tokio::sync::Notify::new()));
    let stuck = all_stuck.clone();
    let driver = MockDriver::replying(move |call| {
        let call_number = calls.fetch_add(1, Ordering::Relaxed);
        if call_number == 107 {
            stuck.notify_one();
        }
        let wait = Duration::from_secs(if call_number >= 100 { 1_000_000 } else { 0 });
        MockReply::text(prompt(call.chat().unwrap())).with_delay(wait)
    });
    let run = batch(&driver).with_concurrency(8).restart();
    let dropped = futures::future::select(Box::pin(files.run(&run)), Box::pin(all_stuck.notified())).await;
    assert!(matches!(dropped, futures::future::Either::Right(_)), "the run has ended");
    drop(dropped);
    assert!(!files.journal().contains('\0'));
    assert_eq!(files.journal().lines().count(), 101);
}

#[tokio::test]
async fn every_character_of_an_answer_is_written_as_json_has_it() {
    let files = Files::with_rows(18);
    let answer = |id: usize| {
        let characters = (0..0x180).filter_map(char::from_u32).chain("\u{2028}\u{fffd}😀".chars());
        "x".repeat(id) + &characters.collect::<String>() + &"\"".repeat(id)
    };
    let driver = MockDriver::replying(move |call| {
        let id: usize = prompt(call.chat().unwrap())[1..].parse().unwrap();
        MockReply::text(answer(id))
    });
    let _ = files.run(&batch(&driver)).await.unwrap();
    let journal = files.journal();
    for (id, line) in files.output().lines().enumerate() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["answer"], answer(id), "row {id}");
        let text = serde_json::to_string(&answer(id)).unwrap();
        assert!(journal.contains(&format!("\"answer\":{text},")), "row {id}");
    }
}

#[tokio::test]
async fn another_kind_of_file_is_not_overwritten() {
    let files = Files::with_rows(1);
    files.write("out.jsonl.journal", "my notes\nand more\n");
    let error = files.run(&batch(&echo())).await.unwrap_err();
    assert!(matches!(kind(&error), DataErrorKind::Damaged { .. }), "{error}");
    assert_eq!(files.journal(), "my notes\nand more\n");

    let files = Files::with_rows(1);
    files.write("out.jsonl", "my data\n");
    let error = files.run(&batch(&echo())).await.unwrap_err();
    assert!(matches!(kind(&error), DataErrorKind::OtherRun { .. }), "{error}");
    assert_eq!(files.output(), "my data\n");
    assert!(!files.path("out.jsonl.journal").exists());
    let _ = files.run(&batch(&echo()).restart()).await.unwrap();
    assert!(files.output().contains("re: t0"));
}

#[tokio::test]
async fn a_second_run_on_one_journal_is_locked_out() {
    let files = Files::with_rows(1);
    let driver = MockDriver::answering([MockReply::text("x").with_delay(Duration::from_secs(600))]);
    let first = batch(&driver);
    let first = first.run(files.table(), files.sink());
    let second = async {
        while driver.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        files.run(&batch(&echo())).await.unwrap_err()
    };
    let error = tokio::select! {
        _ = first => panic!("the first run ended"),
        error = second => error,
    };
    assert_eq!(kind(&error), &DataErrorKind::Locked);
    assert!(error.to_string().contains("out.jsonl.journal"), "{error}");
}

#[tokio::test]
async fn another_prompt_model_option_or_input_is_refused_by_name() {
    let files = Files::with_rows(2);
    let driver = echo();
    let _ = files.run(&batch(&driver)).await.unwrap();
    let journal = files.journal();
    let changed = |error: BotticelliError| match kind(&error) {
        DataErrorKind::OtherRun { changed } => changed.clone(),
        other => panic!("{other:?}"),
    };
    let other_prompt = Batch::new(driver.clone()).with_prompt("{{ text }}!").unwrap();
    assert_eq!(changed(files.run(&other_prompt).await.unwrap_err()), "prompt");
    let system = batch(&driver).with_system("x").unwrap();
    assert_eq!(changed(files.run(&system).await.unwrap_err()), "prompt");
    let model = batch(&driver).with_request(GenerateRequest::default().with_model("other"));
    let text = changed(files.run(&model).await.unwrap_err());
    assert!(text.contains("model (mock mock-model, and now mock other)"), "{text}");
    let options = batch(&driver).with_request(GenerateRequest::default().with_temperature(0.5));
    assert_eq!(changed(files.run(&options).await.unwrap_err()), "set of options");
    files.write("other.jsonl", &files.read("in.jsonl"));
    let other = Table::open(files.path("other.jsonl")).unwrap();
    let text = changed(batch(&driver).run(other, files.sink()).await.unwrap_err());
    assert_eq!(text, "input (in.jsonl, and now other.jsonl)");
    assert_eq!((driver.requests().len(), files.journal()), (2, journal));

    // The error says how to accept the change, and that works for each of them.
    for other in [other_prompt, system, model, options] {
        let error = files.run(&other).await.unwrap_err();
        assert!(error.to_string().contains("`Batch::restart`"), "{error}");
        let before = driver.requests().len();
        let report = files.run(&other.clone().restart()).await.unwrap();
        assert_eq!((report.cached, driver.requests().len()), (0, before + 2));
        // The answers are those of the accepted run from now on.
        assert_eq!(files.run(&other).await.unwrap().cached, 2);
        assert!(files.run(&batch(&driver)).await.is_err());
    }
}

#[tokio::test]
async fn several_changes_are_named_together() {
    let files = Files::with_rows(1);
    let driver = echo();
    let _ = files.run(&batch(&driver)).await.unwrap();
    let other = Batch::new(driver).with_prompt("{{ text }}!").unwrap();
    let other = other.with_request(GenerateRequest::default().with_model("m").with_max_tokens(1));
    let error = files.run(&other).await.unwrap_err();
    let expected =
        "belongs to a run with another prompt, model (mock mock-model, and now mock m) and set of options.";
    assert!(error.to_string().contains(expected), "{error}");
}

#[tokio::test]
async fn the_order_of_records_does_not_matter_and_the_last_one_counts() {
    let files = Files::with_rows(3);
    let driver = echo();
    let _ = files.run(&batch(&driver)).await.unwrap();
    let journal = files.journal();
    let lines: Vec<_> = journal.lines().collect();
    let newer = lines[1].replace("re: t", "newer t");
    files.write(
        "out.jsonl.journal",
        &format!("{}\n{}\n{}\n{}\n{newer}\n", lines[0], lines[3], lines[1], lines[2]),
    );
    let _ = files.run(&batch(&driver)).await.unwrap();
    assert_eq!(files.output().matches("newer t").count(), 1);
    assert_eq!(driver.requests().len(), 3);
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_refused() {
    let files = Files::with_rows(1);
    let driver = echo();
    let _ = files.run(&batch(&driver)).await.unwrap();
    let newer = files.journal().replace("\"botticelli_batch\":1", "\"botticelli_batch\":2");
    files.write("out.jsonl.journal", &newer);
    let error = files.run(&batch(&driver)).await.unwrap_err();
    assert!(error.to_string().contains("format version 2"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_journal_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::with_rows(1);
    let _ = files.run(&batch(&echo())).await.unwrap();
    let mode = std::fs::metadata(files.path("out.jsonl.journal")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_loses_no_answer() {
    let files = Files::with_rows(3);
    let driver = echo();
    // Every write to this device fails.
    let temporary = files.path("out.jsonl.tmp");
    std::os::unix::fs::symlink("/dev/full", &temporary).unwrap();
    let error = files.run(&batch(&driver)).await.unwrap_err();
    assert_eq!(kind(&error), &DataErrorKind::Full, "{error:#?}");
    let _ = std::fs::remove_file(&temporary);
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.cached, driver.requests().len()), (3, 3));
}

#[test]
fn a_missing_folder_is_named() {
    let files = Files::with_rows(1);
    let error = Sink::create(files.path("missing/out.jsonl")).unwrap_err();
    assert!(matches!(kind(&error), DataErrorKind::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("missing"), "{error}");
}

#[tokio::test]
async fn long_answers_and_unusual_characters_survive() {
    let files = Files::with_rows(20);
    let driver = MockDriver::replying(|call| {
        let text = prompt(call.chat().unwrap());
        MockReply::text(format!("{text} \u{2028}\u{0}\"\\\n{}", "é".repeat(100_000)))
    });
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!(report.answered, 20);
    for (id, line) in files.output().lines().enumerate() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let answer = row["answer"].as_str().unwrap();
        assert!(answer.starts_with(&format!("t{id} \u{2028}\u{0}\"\\\né")) && answer.ends_with('é'));
    }
    let mut file = std::fs::OpenOptions::new().append(true).open(files.path("out.jsonl.journal")).unwrap();
    file.write_all(b"\xff\xfe").unwrap();
    assert!(files.run(&batch(&driver)).await.unwrap().is_complete());
}

#[tokio::test]
async fn a_first_run_replaces_no_file_that_belongs_to_something_else() {
    for name in ["out.jsonl", "out.jsonl.tmp", "out.partial.jsonl"] {
        let files = Files::with_rows(1);
        files.write(name, "keep");
        let error = files.run(&batch(&echo())).await.unwrap_err();
        let DataErrorKind::OtherRun { changed } = kind(&error) else { panic!("{error:?}") };
        assert!(changed.contains("journal") && error.to_string().contains(name), "{error}");
        assert_eq!(files.read(name), "keep");
        assert!(!files.path("out.jsonl.journal").exists());
        let report = files.run(&batch(&echo()).restart()).await.unwrap();
        assert_eq!(report.answered, 1);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_an_output_that_does_not_exist_yet_keeps_pointing_to_it() {
    for order in [OutputOrder::Input, OutputOrder::Completion] {
        let files = Files::with_rows(3);
        std::fs::create_dir(files.path("disk")).unwrap();
        // A link to a link, each relative to its own folder.
        std::os::unix::fs::symlink("labels.jsonl", files.path("disk/link.jsonl")).unwrap();
        std::os::unix::fs::symlink("disk/link.jsonl", files.path("out.jsonl")).unwrap();
        let _ = files.run(&batch(&echo()).with_order(order)).await.unwrap();
        for link in ["out.jsonl", "disk/link.jsonl"] {
            assert!(std::fs::symlink_metadata(files.path(link)).unwrap().is_symlink(), "{link}");
        }
        assert_eq!(files.read("disk/labels.jsonl").lines().count(), 3);
    }
}

#[tokio::test]
async fn answers_that_a_restart_discards_can_be_brought_back() {
    let files = Files::with_rows(20);
    let _ = files.run(&batch(&echo())).await.unwrap();
    let (journal, output) = (files.journal(), files.output());
    // A mistake, and its repetition.
    let failing =
        MockDriver::replying(|_| MockReply::failure(botticelli_error::ErrorCategory::InvalidRequest));
    let wrong = Batch::new(failing).with_prompt("{{ text }}!").unwrap();
    for _ in 0..2 {
        let _ = files.run(&wrong.clone().restart()).await.unwrap();
    }
    assert_ne!(files.journal(), journal);
    assert_eq!(files.read("out.jsonl.journal.old"), journal);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(files.path("out.jsonl.journal.old")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    std::fs::rename(files.path("out.jsonl.journal.old"), files.path("out.jsonl.journal")).unwrap();
    let driver = echo();
    let report = files.run(&batch(&driver)).await.unwrap();
    assert_eq!((report.cached, driver.requests().len()), (20, 0));
    assert_eq!(files.output(), output);
}

/// A caller that gives up drops the run. What arrived before is paid for.
#[tokio::test]
async fn a_dropped_run_keeps_the_answers_that_have_arrived() {
    let files = Files::with_rows(20);
    let answered = Arc::new(AtomicUsize::new(0));
    let counter = answered.clone();
    let driver = MockDriver::replying(move |call| {
        let is_first = counter.fetch_add(1, Ordering::Relaxed) < 3;
        let wait = Duration::from_secs(if is_first { 0 } else { 1_000_000 });
        MockReply::text(prompt(call.chat().unwrap())).with_delay(wait)
    });
    let batch = batch(&driver).with_concurrency(20);
    let mut run = Box::pin(files.run(&batch));
    while answered.load(Ordering::Relaxed) < 3 {
        assert!(futures::poll!(&mut run).is_pending());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(run);
    assert_eq!(files.journal().lines().count(), 4);
}

/// Polls a future as executors other than tokio do.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut work = std::pin::pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
            return done;
        }
        std::thread::park();
    }
}

/// Such an executor keeps a thread of tokio, which then wakes no task that yields.
#[test]
fn another_executor_on_a_thread_of_tokio_can_run_a_batch() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (done, ended) = std::sync::mpsc::channel();
    runtime.spawn(async move {
        let files = Files::with_rows(2);
        let driver = MockDriver::replying(|call| {
            MockReply::text(prompt(call.chat().unwrap())).with_delay(Duration::from_millis(30))
        });
        let report = block_on(files.run(&batch(&driver).with_concurrency(8))).unwrap();
        done.send(report.answered).unwrap();
    });
    let ended = ended.recv_timeout(Duration::from_secs(20));
    // A thread that is stuck would stop the end of the test, too.
    runtime.shutdown_background();
    assert_eq!(ended, Ok(2));
}
