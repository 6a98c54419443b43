//! The management of dedicated endpoints, against the sandbox.
#![cfg(feature = "endpoints")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

mod actions;
mod bad_input;
mod bodies;
#[path = "../common/mod.rs"]
mod common;
mod failures;
mod life;
mod prices;
mod secrets;
mod settings;
mod support;
mod wait;
