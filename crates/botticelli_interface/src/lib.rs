//! The traits of Botticelli, for users of drivers and for authors of drivers.
//!
//! [`BotticelliDriver`] sends a request to a model and returns the response, whole or as a stream. Programs usually share an
//! `Arc<dyn BotticelliDriver>`, which is also a driver, like every wrapper. [`CompletionDriver`] completes text with base
//! models. Implementing a provider in another crate requires only these traits, and no HTTP client.
//!
//! ```
//! use botticelli_error::BotticelliError;
//! use botticelli_interface::BotticelliDriver;
//! use futures::StreamExt;
//!
//! async fn tell(driver: &dyn BotticelliDriver) -> Result<String, BotticelliError> {
//!     let mut stream = driver.generate_stream("Tell me a story".into()).await?;
//!     let mut text = String::new();
//!     while let Some(chunk) = stream.next().await {
//!         text.push_str(chunk?.text());
//!     }
//!     Ok(text)
//! }
//! ```
//!
//! | name | content |
//! | --- | --- |
//! | [`BotticelliDriver`], [`ChunkStream`] | the driver trait, and a streamed response |
//! | [`CompletionDriver`] | text completion |
//! | `tasks` | embeddings, similarity, reranking, and other tasks (feature `tasks`) |
//! | [`DriverExt`] | runs with [`Tools`], and typed responses, for every driver |
//! | [`Tools`], [`Tool`], [`ToolLimits`] | functions that the model may call, and the limits of a run |
//! | `TypedResponse`, `TypedOptions`, `TypedSchema`, `PartialJson` | responses that match a Rust type (feature `schema`) |
//! | [`Clock`], [`RandomSource`], [`SystemRandom`] | injected time and randomness; tests use [`ManualClock`] and [`FixedRandom`] |
//! | [`response_stream`] | a whole response as a stream, for authors of drivers |
//! | `conformance` | requirements for every driver, as a test (feature `conformance`) |
//!
//! With the feature `schema`, the argument type of a closure also defines the schema of a tool. This crate sends no requests.

mod clock;
mod completion;
#[cfg(feature = "conformance")]
pub mod conformance;
mod driver;
mod error_location;
mod ext;
mod forward;
mod manual_clock;
mod random;
mod response_stream;
#[cfg(feature = "tasks")]
pub mod tasks;
mod tools;
#[cfg(feature = "schema")]
mod typed;
mod whole_number;

pub use clock::Clock;
pub use completion::CompletionDriver;
pub use driver::{BotticelliDriver, ChunkStream};
pub use ext::DriverExt;
pub use manual_clock::ManualClock;
pub use random::{FixedRandom, RandomSource, SystemRandom};
pub use response_stream::response_stream;
/// The version of `schemars` for `#[derive(JsonSchema)]`.
#[cfg(feature = "schema")]
pub use schemars;
#[cfg(feature = "schema")]
pub use tools::tool_definition;
pub use tools::{
    Approval, JsonOutput, Tool, ToolEvent, ToolLimits, ToolOutcome, ToolOutput, ToolResult, ToolRun,
    ToolRunError, ToolStep, ToolStream, Tools,
};
#[cfg(feature = "schema")]
pub use typed::{
    Fallback, Partial, PartialJson, PartialStream, Repair, TypedMode, TypedOptions, TypedResponse,
    TypedSchema, Violation,
};
