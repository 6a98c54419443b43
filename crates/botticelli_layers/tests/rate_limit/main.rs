//! Rate limits: windows, the queue, deadlines, tokens, calls in flight, configuration.
#![cfg(all(feature = "rate-limit", feature = "mock"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

#[path = "../common/mod.rs"]
mod common;
mod interleavings;
mod queue;
mod settings;
mod tokens;
mod watched;
mod windows;
