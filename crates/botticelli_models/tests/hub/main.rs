//! Downloads from the Hub, against the sandbox.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod access;
mod cache;
mod common;
mod dataset;
mod download;
mod gguf;
mod integrity;
mod names;
mod offline;
mod python;
mod resume;
mod snapshot;
