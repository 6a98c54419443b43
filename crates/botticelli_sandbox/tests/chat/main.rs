//! Chat and text completion: the responses of the sandbox in every dialect.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a failed helper fails the test")]

mod choices;
#[path = "../common/mod.rs"]
mod common;
mod completions;
mod dialects;
mod media;
mod reasoning;
mod structured;
mod tokens;
mod tools;
mod validation;
