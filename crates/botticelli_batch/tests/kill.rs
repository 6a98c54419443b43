//! Runs in another process that is killed at random times.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

use botticelli_batch::{Batch, OutputOrder, Sink, Table};
use botticelli_core::Input;
use botticelli_error::ErrorCategory;
use botticelli_layers::mock::{MockDriver, MockReply};
use std::fs::OpenOptions;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FOLDER: &str = "BOTTICELLI_BATCH_TEST_FOLDER";
/// Set for a run in the order of completion.
const COMPLETION: &str = "BOTTICELLI_BATCH_TEST_COMPLETION";
const ROWS: usize = 1500;
const CALLS: usize = 8;
const KILLS: usize = 40;

/// The run of the other process. A file has a line for every call that the service answers.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run(Path::new(&folder)));
}

async fn run(folder: &Path) {
    let bill = OpenOptions::new().append(true).create(true).open(folder.join("bill")).unwrap();
    let driver = MockDriver::replying(move |call| {
        let Some(Input::Text(text)) = call.chat().unwrap().messages().first().unwrap().content().first()
        else {
            panic!("no text");
        };
        let number: u64 = text.parse().unwrap();
        // Some calls fail at first, and some for good.
        if number.is_multiple_of(97) {
            return MockReply::failure(ErrorCategory::Filtered);
        }
        (&bill).write_all(format!("{text}\n").as_bytes()).unwrap();
        MockReply::text(format!("answer {text}")).with_delay(Duration::from_millis(number % 7))
    });
    let order = match std::env::var_os(COMPLETION) {
        Some(_) => OutputOrder::Completion,
        None => OutputOrder::Input,
    };
    let batch = Batch::new(driver).with_prompt("{{ id }}").unwrap().with_concurrency(CALLS).with_order(order);
    let (table, sink) =
        (Table::open(folder.join("in.jsonl")).unwrap(), Sink::create(folder.join("out.jsonl")).unwrap());
    let report = batch.run(table, sink).await.unwrap();
    assert!(report.is_complete());
}

fn spawn(folder: &Path, order: OutputOrder) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    if order == OutputOrder::Completion {
        command.env(COMPLETION, "1");
    }
    command
        .args(["--exact", "child"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn input(folder: &Path) {
    // Every tenth row is equal to its predecessor.
    let rows: Vec<_> = (0..ROWS)
        .map(|row| format!("{{\"id\":{},\"row\":{row}}}\n", row - usize::from(row % 10 == 9)))
        .collect();
    std::fs::write(folder.join("in.jsonl"), rows.concat()).unwrap();
}

#[test]
fn a_killed_process_continues_to_the_same_bytes_and_pays_only_for_calls_in_flight() {
    let (output, expected) = outputs(OutputOrder::Input, KILLS);
    assert!(output == expected, "the output differs");
}

#[test]
fn a_killed_process_continues_to_the_same_rows_in_the_order_of_completion() {
    let (output, expected) = outputs(OutputOrder::Completion, KILLS / 2);
    let sorted = |text: &str| {
        let mut rows: Vec<_> = text.lines().map(str::to_owned).collect();
        rows.sort_unstable();
        rows
    };
    assert!(sorted(&output) == sorted(&expected), "the rows differ");

    // Not of the killed run: after a kill that follows the last answer, all rows come from the journal, in the order of the input.
    let undisturbed = tempfile::tempdir().unwrap();
    input(undisturbed.path());
    assert!(spawn(undisturbed.path(), OutputOrder::Completion).wait().unwrap().success());
    let undisturbed = std::fs::read_to_string(undisturbed.path().join("out.jsonl")).unwrap();
    assert!(undisturbed != expected, "the order is the same");
    assert!(sorted(&undisturbed) == sorted(&expected), "the rows differ without kills");
}

/// Returns the output of a run that is killed, and that of an undisturbed run in the order of the input.
fn outputs(order: OutputOrder, most_kills: usize) -> (String, String) {
    let undisturbed = tempfile::tempdir().unwrap();
    input(undisturbed.path());
    assert!(spawn(undisturbed.path(), OutputOrder::Input).wait().unwrap().success());

    let folder = tempfile::tempdir().unwrap();
    input(folder.path());
    let random = RandomState::new();
    let (mut kills, mut is_done) = (0, false);
    let begin = Instant::now();
    while kills < most_kills && !is_done {
        let mut child = spawn(folder.path(), order);
        let wait = Duration::from_millis(20 + random.hash_one(kills) % 130);
        std::thread::sleep(wait);
        is_done = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        let _ = child.wait().unwrap();
        kills += usize::from(!is_done);
    }
    assert!(spawn(folder.path(), order).wait().unwrap().success());
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let (output, bill) = (read("out.jsonl"), read("bill"));
    let expected = std::fs::read_to_string(undisturbed.path().join("out.jsonl")).unwrap();
    let (sent, paid) =
        (bill.lines().count(), std::fs::read_to_string(undisturbed.path().join("bill")).unwrap());
    let needed = paid.lines().count();
    println!("{kills} kills in {:?}, {sent} requests for {needed}", begin.elapsed());
    assert!(kills > 5, "the test kills nothing");
    assert!((needed..=needed + kills * CALLS).contains(&sent), "{sent} requests for {needed}, {kills} kills");
    (output, expected)
}
