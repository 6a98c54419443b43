//! The program as its users run it: a child process with its own home folder, against the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failure here is a failed test"
)]

mod answers;
mod catalogs;
mod chats;
mod doctor;
mod documents;
mod endpoints;
mod exits;
mod inputs;
mod ledgers;
mod machines;
mod program;
mod settings;
mod tables;
mod tasks;
#[cfg(target_os = "linux")]
mod terminals;
