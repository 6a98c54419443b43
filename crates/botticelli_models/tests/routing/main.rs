//! Routing: model names, provider routes, provider selection and the catalog.
#![cfg(feature = "huggingface")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failed helper fails the test")]

mod catalog;
mod catalog_file;
#[path = "../common/mod.rs"]
mod common;
mod provider_routes;
mod provider_sandbox;
mod provider_selection;
mod routes;
