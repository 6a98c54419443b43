//! Tables that are read and written.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

#[cfg(feature = "csv")]
mod csv;
mod durability;
mod files;
mod json_lines;
mod openai;
#[cfg(feature = "parquet")]
mod parquet;
mod support;
