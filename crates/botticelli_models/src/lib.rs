//! Model providers of Botticelli, each behind a Cargo feature, and their common transport.
//!
//! A request passes through these steps, each in a file of that name:
//!
//! ```text
//! config -> driver -> conversions -> dto -> transport -> dto -> conversions -> response
//! ```
//!
//! | module | content |
//! | --- | --- |
//! | [`huggingface`] | Hugging Face Inference (feature `huggingface`) |
//! | `hub` | models and data sets from the Hub, in the cache of the `hf` tools (feature `hub`) |
//! | [`transport`] | HTTP, timeouts, retries, size limits, server-sent events; knows no provider |
//! | [`MediaFile`] | images, audio and video in files |
//! | [`Environment`] | environment variables, replaceable in tests, and the files that they name |

mod environment;
#[cfg(feature = "hub")]
pub mod hub;
#[cfg(feature = "huggingface")]
pub mod huggingface;
#[cfg(feature = "tasks")]
mod media_file;
#[cfg_attr(
    not(feature = "huggingface"),
    allow(dead_code, unused_imports, reason = "without a provider, parts of it are unused")
)]
pub mod transport;

pub use environment::Environment;
#[cfg(feature = "tasks")]
pub use media_file::MediaFile;
