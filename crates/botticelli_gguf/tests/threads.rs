//! The threads of a process with models. A binary of its own, because it counts all of them.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

#[path = "gguf/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "other tests use the rest")]
mod support;

use botticelli_core::GenerateRequest;
use botticelli_gguf::GgufConfig;
use botticelli_interface::BotticelliDriver;
use std::time::{Duration, Instant};
use support::{TinyModel, open_with};

/// Returns the names of all threads of this process.
fn names() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread may end meanwhile.
    tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok()).collect()
}

fn count(name: &str) -> usize {
    names().iter().filter(|thread| thread.trim_end() == name).count()
}

#[test]
fn a_model_computes_on_its_own_threads_only() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let before = names().len();
    for threads in [1, 2] {
        let model = TinyModel::noise("llama").rounded(true);
        let driver = open_with(&model, GgufConfig::default().with_threads(threads));
        let prompt = "word ".repeat(40);
        let request = GenerateRequest::from(prompt).with_temperature(0.0).with_max_tokens(8);
        runtime.block_on(driver.generate(request)).unwrap();
        // A thread gives itself its name when it first runs, which a short response need not wait for.
        let limit = Instant::now() + Duration::from_secs(30);
        while count("botticelli-gguf") < driver.threads() && Instant::now() < limit {
            std::thread::yield_now();
        }
        assert_eq!(count("botticelli-gguf"), driver.threads());
        // No pool of the kernels, and none that the whole process shares.
        assert_eq!(names().len() - before, driver.threads(), "{:?}", names());
        drop(driver);
        // The threads end soon after the driver.
        while count("botticelli-gguf") > 0 {
            std::thread::yield_now();
        }
    }
}
