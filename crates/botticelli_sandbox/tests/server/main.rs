//! The server: HTTP, connections, routes, models, scripts, records and the program.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a failed helper fails the test")]

mod bill;
mod capacity;
#[path = "../common/mod.rs"]
mod common;
mod determinism;
mod endpoints;
mod error_responses;
mod http;
mod lifecycle;
mod models;
mod program;
mod random_faults;
mod received;
mod report;
mod repositories;
mod routes;
mod scripts;
mod settled;
mod tasks;
