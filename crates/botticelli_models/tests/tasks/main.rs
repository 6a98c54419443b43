//! Tasks other than text generation, against the sandbox.
#![cfg(feature = "tasks")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

mod answer_faults;
mod audio;
mod bad_input;
mod batches;
mod classification;
#[path = "../common/mod.rs"]
mod common;
mod embedding;
mod engine;
mod failures;
mod generation;
mod image;
mod jobs;
mod media;
mod media_faults;
mod mutation;
mod providers;
mod questions;
mod recorded;
mod reported;
mod rerank;
mod routes;
mod sends;
mod setters;
mod shapes;
mod similarity;
mod sparse_embedding;
mod support;
mod text;
