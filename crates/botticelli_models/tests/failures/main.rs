//! Failures: faults, error responses, retries, waits and connections.
#![cfg(feature = "huggingface")]
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, reason = "a failed helper fails the test")]

#[path = "../common/mod.rs"]
mod common;
mod completion_faults;
mod context_length;
mod error_text;
mod faults;
mod hostile;
#[cfg(target_os = "linux")]
mod http2;
mod late;
mod refusal_shapes;
mod refusal_words;
mod refusals;
mod repeated_request;
mod retry;
mod runtimes;
mod scheme;
mod tls;
mod waits;
