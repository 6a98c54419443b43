//! Downloads from the Hub, against the sandbox.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed test"
)]

mod access;
mod cache;
mod common;
mod dataset;
mod download;
mod full_disk;
mod gguf;
mod integrity;
mod names;
mod offline;
mod processes;
mod python;
mod resume;
mod settings;
mod snapshot;
mod spawned;
