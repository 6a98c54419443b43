//! Batch runs in separate processes, against the sandbox.
#![cfg(all(feature = "batch", feature = "budget", feature = "huggingface"))]
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed test"
)]

mod child;
#[cfg(all(feature = "hub", feature = "mock"))]
mod hub_table;
mod killed;
mod metrics;
#[cfg(feature = "redis")]
#[path = "../../../botticelli_layers/tests/redis_server/mod.rs"]
mod redis_server;
mod secrets;
mod server;
#[cfg(feature = "redis")]
mod shards;
