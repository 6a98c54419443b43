//! Tests of local inference with tiny models. The models are made by the tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod architectures;
mod conformance;
mod files;
mod formats;
mod generation;
#[cfg(feature = "grammar")]
mod grammar;
mod instruction_sets;
mod quantized;
mod real_model;
mod reported;
mod requests;
#[cfg(feature = "grammar")]
mod required_calls;
mod sampling;
mod serving;
mod support;
mod templates;
mod threads;
mod tools;
