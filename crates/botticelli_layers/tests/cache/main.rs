//! The cache, through the drivers that have one.
#![cfg(feature = "cache")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod common;
mod configuration;
mod conformance;
mod entries;
#[cfg(feature = "sqlite")]
mod files;
mod replay;
mod rules;
mod shared;
