//! Batch runs in processes of their own, against the sandbox.
#![cfg(all(feature = "batch", feature = "budget", feature = "huggingface"))]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod child;
mod killed;
