//! Budgets hold: per period, under any interleaving, and across processes.
#![cfg(feature = "budget")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

mod calls;
mod common;
mod configuration;
mod fallbacks;
#[cfg(feature = "sqlite")]
mod files;
mod interleaving;
#[cfg(feature = "mock")]
mod lines;
mod periods;
#[cfg(feature = "sqlite")]
mod processes;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod redis_errors;
#[cfg(feature = "redis")]
#[path = "../redis_server/mod.rs"]
mod redis_server;
#[cfg(feature = "tasks")]
mod tasks;
mod unpriced;
mod unsent;
mod waits;
