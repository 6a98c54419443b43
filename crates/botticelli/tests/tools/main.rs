//! Tools: runs, results, limits and the conversation that a run sends.
#![cfg(feature = "huggingface")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

mod calls;
mod common;
mod limits;
mod results;
mod stream;
mod turns;
