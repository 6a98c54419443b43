//! The program as its users run it: a child process with its own home folder, against the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "a failure here is a failed test, and the tiny models have more options than these tests use"
)]

mod answers;
mod catalogs;
mod chats;
mod doctor;
mod documents;
mod endpoints;
mod engines;
mod exits;
#[cfg(feature = "gguf")]
#[path = "../../../botticelli_gguf/tests/gguf/support/gguf_file.rs"]
mod gguf_file;
mod inputs;
mod ledgers;
#[cfg(feature = "gguf")]
mod local;
mod machines;
mod program;
mod settings;
mod tables;
mod tasks;
#[cfg(target_os = "linux")]
mod terminals;
#[cfg(feature = "gguf")]
#[path = "../../../botticelli_gguf/tests/gguf/support/tiny_model.rs"]
mod tiny_model;
