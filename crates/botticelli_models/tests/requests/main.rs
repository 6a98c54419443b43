//! Requests: what the driver accepts, and the bytes that it sends.
#![cfg(feature = "huggingface")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

mod addresses;
mod bad_input;
#[path = "../common/mod.rs"]
mod common;
mod completion;
mod dialect;
mod memo;
mod request;
mod settings;
