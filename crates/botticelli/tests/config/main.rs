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
#[cfg(feature = "tasks")]
mod tasks;

// They select features of other crates (see Cargo.toml).
#[cfg(unix)]
use nix as _;
use {terminal_size as _, tracing_opentelemetry as _};

/// `just test-features` sets the variable. A feature of another crate could enable the provider there, and hide what fails without it.
#[test]
fn a_run_without_a_provider_has_none() {
    let is_expected = std::env::var_os("BOTTICELLI_WITHOUT_PROVIDER").is_some();
    assert!(
        !is_expected || cfg!(not(feature = "huggingface")),
        "something enables the feature `huggingface`"
    );
}
