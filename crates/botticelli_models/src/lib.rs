//! The providers of Botticelli, each behind its own Cargo feature, and the transport they share.
//!
//! A request travels one way, each step in a file named after it:
//!
//! ```text
//! config -> driver -> conversions -> dto -> transport -> dto -> conversions -> response
//! ```
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`huggingface`] | Hugging Face Inference (feature `huggingface`) |
//! | [`transport`] | HTTP, clocks, limits, server-sent events; no provider |
//! | [`Environment`] | variables and files, injected |

mod environment;
#[cfg(feature = "huggingface")]
pub mod huggingface;
mod secret;
#[cfg_attr(
    not(feature = "huggingface"),
    allow(dead_code, unused_imports, reason = "the part that only providers use, when none is built")
)]
pub mod transport;

pub use environment::Environment;
