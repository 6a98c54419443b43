//! Batch runs in separate processes, against the sandbox.
#![cfg(all(feature = "batch", feature = "budget", feature = "huggingface"))]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod child;
mod killed;
