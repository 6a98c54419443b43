//! A journal that cannot grow in the middle of a run, in another process with a limit for the size of files.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

use botticelli_batch::{Batch, OutputOrder, Sink, Table};
use botticelli_core::Input;
use botticelli_error::{BotticelliErrorKind, DataErrorKind};
use botticelli_layers::mock::{MockDriver, MockReply};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "BOTTICELLI_BATCH_TEST_FULL";
const COMPLETION: &str = "BOTTICELLI_BATCH_TEST_FULL_COMPLETION";
const ROWS: usize = 400;
const CALLS: usize = 8;

/// The run of the other process. The file `bill` has a byte for every call, and `error` the error.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(Path::new(&folder)));
}

async fn run(folder: &Path) {
    let bill = OpenOptions::new().append(true).create(true).open(folder.join("bill")).unwrap();
    let driver = MockDriver::replying(move |call| {
        let content = call.chat().unwrap().messages().first().unwrap().content().first().unwrap().clone();
        let Input::Text(text) = content else { panic!("no text") };
        (&bill).write_all(b".").unwrap();
        let number: u64 = text.parse().unwrap();
        MockReply::text(format!("{text} {}", "x".repeat(1000))).with_delay(Duration::from_millis(number % 5))
    });
    let order = match std::env::var_os(COMPLETION) {
        Some(_) => OutputOrder::Completion,
        None => OutputOrder::Input,
    };
    let batch = Batch::new(driver).with_prompt("{{ id }}").unwrap().with_concurrency(CALLS).with_order(order);
    let sink = Sink::create(folder.join("out.jsonl")).unwrap();
    if let Err(error) = batch.run(Table::open(folder.join("in.jsonl")).unwrap(), sink).await {
        let BotticelliErrorKind::Data(data) = error.kind() else { panic!("{error:?}") };
        assert!(matches!(data.kind(), DataErrorKind::Unsupported { .. }), "{error:?}");
        std::fs::write(folder.join("error"), error.to_string()).unwrap();
    }
}

/// Runs the child. Its files may have up to this number of blocks, of 512 or 1,024 bytes.
fn child_with_limit(folder: &Path, blocks: &str, is_completion: bool) {
    // A process that ignores the signal gets an error from the write.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --exact child");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(std::env::current_exe().unwrap()).env(FOLDER, folder);
    if is_completion {
        command.env(COMPLETION, "1");
    }
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_journal_that_cannot_grow_is_an_error_and_a_later_run_pays_only_for_what_is_missing() {
    let input: Vec<_> = (0..ROWS).map(|id| format!("{{\"id\":{id}}}\n")).collect();
    let undisturbed = tempfile::tempdir().unwrap();
    std::fs::write(undisturbed.path().join("in.jsonl"), input.concat()).unwrap();
    child_with_limit(undisturbed.path(), "unlimited", false);
    let expected = std::fs::read_to_string(undisturbed.path().join("out.jsonl")).unwrap();

    for is_completion in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let paid = || usize::try_from(std::fs::metadata(path("bill")).unwrap().len()).unwrap();
        std::fs::write(path("in.jsonl"), input.concat()).unwrap();
        // The file of the journal has room for some of the answers, in each of two runs.
        let mut found = 0;
        for blocks in ["200", "400"] {
            let before = paid_before(&path("bill"));
            child_with_limit(folder.path(), blocks, is_completion);
            let error = std::fs::read_to_string(path("error")).unwrap();
            std::fs::remove_file(path("error")).unwrap();
            assert!(error.contains("out.jsonl.journal cannot be written"), "{error}");
            assert!(error.contains("run again"), "{error}");
            assert!(!path("out.jsonl").exists());
            let journal = std::fs::read_to_string(path("out.jsonl.journal")).unwrap();
            assert!(journal.ends_with('\n'), "the last line is incomplete");
            let records = journal.lines().skip(1).count();
            // Only the calls that were in flight at the error are lost.
            let new = records - found;
            found = records;
            assert!(new > 50, "{new} records");
            assert!(
                (new..=new + CALLS).contains(&(paid() - before)),
                "{new} records, {} paid",
                paid() - before
            );
        }
        let before = paid();
        child_with_limit(folder.path(), "unlimited", is_completion);
        assert!(!path("error").exists());
        assert_eq!(paid() - before, ROWS - found);
        let output = std::fs::read_to_string(path("out.jsonl")).unwrap();
        let sorted = |text: &str| {
            let mut rows: Vec<_> = text.lines().map(str::to_owned).collect();
            rows.sort_unstable();
            rows
        };
        assert!(sorted(&output) == sorted(&expected));
        assert!(is_completion || output == expected);
    }
}

fn paid_before(bill: &Path) -> usize {
    std::fs::metadata(bill).map_or(0, |found| usize::try_from(found.len()).unwrap())
}
