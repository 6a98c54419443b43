//! Runs over tables of JSON lines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod ahead;
mod columns;
mod common;
mod completion;
mod failures;
mod inputs;
mod journal;
mod money;
mod resume;
mod shards;
mod stops;
mod templates;
#[path = "../tokio_clock/mod.rs"]
mod tokio_clock;
mod waits;
