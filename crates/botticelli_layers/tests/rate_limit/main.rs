//! Rate limits: windows, the queue, deadlines, tokens, calls in flight, configuration.
#![cfg(all(feature = "rate-limit", feature = "mock"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

#[path = "../common/mod.rs"]
mod common;
mod interleavings;
mod paused;
mod queue;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
#[path = "../redis_server/mod.rs"]
mod redis_server;
#[cfg(feature = "redis")]
mod released;
mod settings;
mod tokens;
mod watched;
mod windows;
