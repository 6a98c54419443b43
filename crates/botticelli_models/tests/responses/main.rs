//! Responses: every variation that servers are known for, whole or cut.
#![cfg(feature = "huggingface")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

mod bad_response;
mod both_paths;
mod both_readers;
mod chat;
#[path = "../common/mod.rs"]
mod common;
mod completion_fixtures;
mod event_decoder;
mod fixtures;
mod mutation;
mod partial;
mod prefix;
mod recordings;
mod reported;
