//! Values of a type: requested, read, checked and streamed.
#![cfg(all(feature = "huggingface", feature = "schema"))]
#![allow(
    clippy::indexing_slicing,
    clippy::items_after_statements,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

mod common;
mod json;
mod mend;
mod modes;
mod read;
mod reference;
mod refusals;
mod stream;
mod strict;
mod values;
