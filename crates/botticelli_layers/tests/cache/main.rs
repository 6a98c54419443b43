//! The cache, through the drivers that have one.
#![cfg(feature = "cache")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

mod common;
mod configuration;
mod conformance;
mod embeddings;
mod entries;
#[cfg(feature = "sqlite")]
mod files;
mod listing;
mod modes;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
#[path = "../redis_server/mod.rs"]
mod redis_server;
mod replay;
mod rules;
mod shared;
