//! The verbs of Botticelli: what a driver does, for those who call one and for those who write one.
//!
//! A provider written elsewhere implements [`BotticelliDriver`] and pulls in no HTTP with it. The everyday handle is
//! `Arc<dyn BotticelliDriver>`, which is itself a driver, as every wrapper is. Base models, which go on with a text, are asked
//! through [`CompletionDriver`].
//!
//! ```
//! use botticelli_error::BotticelliError;
//! use botticelli_interface::BotticelliDriver;
//! use futures::StreamExt;
//!
//! async fn answer(driver: &dyn BotticelliDriver) -> Result<String, BotticelliError> {
//!     let mut stream = driver.generate_stream("Tell me a story".into()).await?;
//!     let mut text = String::new();
//!     while let Some(chunk) = stream.next().await {
//!         text.push_str(chunk?.text());
//!     }
//!     Ok(text)
//! }
//! ```
//!
//! Comfort for every driver is in [`DriverExt`]: `run_tools` lets the model call [`Tools`], closures and types of yours, and
//! `stream_tools` tells it as it happens. With the feature `schema`, a closure's argument type says what the tool takes.
//! [`DriverExt`] is what every driver can do besides: with the feature `schema`, answers of a type.
//!
//! Time and chance are injected through [`Clock`] and [`RandomSource`]; tests move a [`ManualClock`] instead of waiting. With the feature
//! `conformance`, the list of what every driver must do is in the module of that name.

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
mod tools;
#[cfg(feature = "schema")]
mod typed;
mod whole_number;

pub use clock::Clock;
pub use completion::CompletionDriver;
pub use driver::{BotticelliDriver, ChunkStream};
pub use ext::DriverExt;
pub use manual_clock::ManualClock;
pub use random::{FixedRandom, RandomSource};
/// For `#[derive(JsonSchema)]`, in the version that fits.
#[cfg(feature = "schema")]
pub use schemars;
#[cfg(feature = "schema")]
pub use tools::tool_definition;
pub use tools::{
    Approval, FailsWith, FailsWithAny, Plain, Tool, ToolEvent, ToolLimits, ToolOutcome, ToolOutput,
    ToolResult, ToolRun, ToolRunError, ToolStep, ToolStream, Tools,
};
#[cfg(feature = "schema")]
pub use typed::{
    Fallback, Partial, PartialJson, PartialStream, Repair, TypedMode, TypedOptions, TypedResponse, Violation,
};
