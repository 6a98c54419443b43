//! Secrets: the sources and destinations of tokens, and texts that must not show them.
#![cfg(feature = "endpoints")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

#[path = "../common/mod.rs"]
mod common;
mod credentials;
mod endpoints;
mod public_types;
mod search;
mod table;
mod tasks;
mod token_names;
