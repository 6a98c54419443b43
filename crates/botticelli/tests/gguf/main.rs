//! Local models through the facade: configuration, fallback, and the Hub.
#![cfg(all(feature = "fallback", feature = "gguf", feature = "hub", feature = "huggingface"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    reason = "a failed unwrap is a failed test, and the tiny models have more options than these tests use"
)]

mod config;
mod engine;
mod fallback;
#[path = "../../../botticelli_gguf/tests/gguf/support/gguf_file.rs"]
mod gguf_file;
mod hub;
#[path = "../../../botticelli_gguf/tests/gguf/support/tiny_model.rs"]
mod tiny_model;

use botticelli::{BotticelliDriver, BotticelliError, Environment, config_from_toml, driver_from};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tiny_model::TinyModel;

/// A file of a tiny model, in a folder that is removed after the test.
struct ModelFile {
    folder: TempDir,
    path: PathBuf,
}

impl ModelFile {
    fn new(model: &TinyModel) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tiny.gguf");
        std::fs::write(&path, model.file().bytes()).unwrap();
        Self { folder, path }
    }

    /// Returns a table `[llm]` with this model, and more lines.
    fn toml(&self, more: &str) -> String {
        format!("[llm]\nprovider = \"gguf\"\nmodel = '{}'\n{more}", self.path.display())
    }
}

fn driver(toml: &str) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    driver_from(&config_from_toml(toml)?, Environment::empty())
}
