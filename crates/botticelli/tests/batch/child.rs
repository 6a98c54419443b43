//! A batch run in a child process.

use botticelli::{Batch, GenerateRequest, HuggingFaceDriver, RetryConfig, Sink, Table};
use botticelli_sandbox::Sandbox;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Variable with the base URL of the sandbox.
const BASE_URL: &str = "BOTTICELLI_TEST_BASE_URL";
/// Variable with the folder of the tables.
const FOLDER: &str = "BOTTICELLI_TEST_FOLDER";
/// Number of calls in flight.
pub(crate) const AT_ONCE: usize = 8;

pub(crate) fn input(folder: &Path) -> std::path::PathBuf {
    folder.join("rows.jsonl")
}

pub(crate) fn output(folder: &Path) -> std::path::PathBuf {
    folder.join("answers.jsonl")
}

/// Returns the run. Its driver does not retry, so that every fault reaches the run.
pub(crate) fn batch(base_url: &str) -> Batch {
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(base_url)
        .token(Sandbox::TOKEN)
        .retry(RetryConfig::never().with_base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    Batch::new(driver)
        .with_prompt("Repeat: {{ text }}")
        .unwrap()
        .with_request(GenerateRequest::default().with_max_tokens(50))
        .with_concurrency(AT_ONCE)
}

/// The child: runs the batch to its end.
#[tokio::test]
#[ignore = "runs as a child of the other tests"]
async fn child() {
    let Ok(base_url) = std::env::var(BASE_URL) else { return };
    let folder = std::path::PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let report = batch(&base_url)
        .run(Table::open(input(&folder)).unwrap(), Sink::create(output(&folder)).unwrap())
        .await
        .unwrap();
    assert!(report.is_complete(), "{report:?}");
}

/// Returns the command of a child.
pub(crate) fn command(base_url: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child::child", "--ignored", "--nocapture"])
        .env(BASE_URL, base_url)
        .env(FOLDER, folder)
        .stdout(Stdio::null());
    command
}
