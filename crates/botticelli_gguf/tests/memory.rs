//! The memory of a process with a real model. A binary of its own, because other tests load models, too.
//!
//! The variable `BOTTICELLI_TEST_MODEL` names the file. Without it, the test does nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli_core::GenerateRequest;
use botticelli_gguf::{GgufConfig, GgufDriver};
use botticelli_interface::BotticelliDriver;
use futures::future::try_join_all;

/// Largest memory of this process so far, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1_024
}

#[tokio::test]
async fn memory_stays_within_the_stated_bound() {
    let Some(path) = std::env::var_os("BOTTICELLI_TEST_MODEL") else { return };
    let config = GgufConfig::default().with_context_length(1_024).with_max_concurrent(8);
    let driver = GgufDriver::open_with(&path, config).unwrap();
    let prompt = "Tell me a story. ".repeat(100);
    let request = GenerateRequest::from(&*prompt).with_temperature(0.0).with_max_tokens(32);
    try_join_all((0..8).map(|_| driver.generate(request.clone()))).await.unwrap();
    // The vocabulary, one buffer of a matrix while it is read, and the program itself.
    let allowed = driver.memory() + 60_000_000;
    assert!(peak() < allowed, "{} bytes, and {} are stated", peak(), driver.memory());

    // The weights stay in their format: what is stated without the conversations is hardly more than the file.
    let file = std::fs::metadata(&path).unwrap().len();
    let short = GgufConfig::default().with_context_length(2).with_max_concurrent(1);
    let weights = GgufDriver::open_with(path, short).unwrap().memory();
    assert!(weights < file * 13 / 10, "{weights} bytes for a file of {file}");
}
