//! Faults: their names, their bytes on the wire, and the turns that choose them.
#![allow(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod bytes;
#[path = "../common/mod.rs"]
mod common;
mod expected_bytes;
mod names;
mod reader;
mod turns;
mod wire;
