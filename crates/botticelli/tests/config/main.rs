//! Configuration: files and the effect of every key.
#![cfg(feature = "models")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed helper fails the test"
)]

#[cfg(feature = "huggingface")]
mod code;
#[cfg(feature = "huggingface")]
mod credits;
#[cfg(feature = "huggingface")]
mod field_names;
mod file;
#[cfg(feature = "huggingface")]
mod layers;
#[cfg(feature = "huggingface")]
mod routes;
#[cfg(feature = "huggingface")]
mod settings;
#[cfg(feature = "tasks")]
mod task_layers;
mod tasks;
