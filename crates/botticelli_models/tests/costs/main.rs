//! Costs: estimates, prices, permission for retries, and the canonical form of a request.
#![cfg(feature = "huggingface")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

mod canonical;
#[path = "../common/mod.rs"]
mod common;
mod estimate;
mod impossible_counts;
mod prices;
mod rate_limit;
mod retry_gate;
mod sent_flag;
mod slow_catalog;
