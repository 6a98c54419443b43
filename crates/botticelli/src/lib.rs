//! Talk to large language models from Rust.
//!
//! ```no_run
//! use botticelli::{BotticelliDriver, HuggingFaceDriver, ModelsResult, StreamExt};
//!
//! # async fn example() -> ModelsResult<()> {
//! let driver = HuggingFaceDriver::from_env("openai/gpt-oss-20b:cheapest")?;
//! println!("{}", driver.generate("Name three painters".into()).await?.text());
//!
//! let mut stream = driver.generate_stream("Tell me a story".into()).await?;
//! while let Some(chunk) = stream.next().await {
//!     print!("{}", chunk?.text());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Or with the provider in a file, where the rest of the program need not know which it is:
//!
//! ```no_run
//! # async fn example() -> botticelli::ModelsResult<()> {
//! let driver = botticelli::driver_from_config("botticelli.toml")?;
//! println!("{}", driver.generate("Name three painters".into()).await?.text());
//! # Ok(())
//! # }
//! ```
//!
//! # Words
//!
//! A *provider* answers; a [driver](BotticelliDriver) talks to one. A [request](GenerateRequest) holds
//! [messages](Message); a [response](GenerateResponse) holds outputs, the [finish reason](FinishReason), the
//! [usage](Usage) in tokens and the [cost](Cost). A stream is [chunks](StreamChunk), the last of which carries the
//! whole response. [Tools] are functions of yours that the model calls in [a run](DriverExt::run_tools).
//! Everything that goes wrong is one [error](BotticelliError), which says what to do.
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `huggingface` (default) | [`HuggingFaceDriver`]; implies `models` |
//! | `models` | the factory [`driver_from_config`], the transport; no provider |
//! | `local` | every provider that builds and tests without a key |
//! | `gzip`, `brotli`, `zstd` | compressed answers are asked for, and read; each implies `models` |
//! | `schema` | tools from closures (`Tools::with`): what a tool takes is found from a type |
//! | `sandbox` | the module `sandbox`: an offline Hugging Face router on loopback |
//! | `schema` | answers of a type: `generate_as`, `generate_json`, `stream_as` of [`DriverExt`] |
//! | `api` | live tests that spend real credits |
//!
//! With none of them, only types and traits remain, and no HTTP crate is built.
//!
//! # What it is not
//!
//! No agent framework, no prompt templates, no vector store: a request goes out, and the answer comes back whole.

// The examples of the guides are compiled with those of this page.
#[cfg(all(doctest, feature = "huggingface", feature = "sandbox", feature = "schema"))]
mod guides {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../HUGGINGFACE.md")]
    struct HuggingFace;
}

#[cfg(feature = "models")]
mod config_file;
#[cfg(feature = "models")]
mod factory;

/// Guides: one page per task.
///
/// The pages exist in the documentation only. Their examples are compiled by `cargo test --doc --all-features`.
#[cfg(all(any(doc, doctest), feature = "huggingface", feature = "sandbox", feature = "schema"))]
pub mod guide {
    #[doc = include_str!("guide/blocking.md")]
    pub mod blocking {}
    #[doc = include_str!("guide/sandbox.md")]
    pub mod sandbox {}
    #[doc = include_str!("guide/streams.md")]
    pub mod streams {}
    #[doc = include_str!("guide/testing.md")]
    pub mod testing {}
    #[doc = include_str!("guide/timeouts.md")]
    pub mod timeouts {}
    #[doc = include_str!("guide/tools.md")]
    pub mod tools {}
    #[doc = include_str!("guide/typed_output.md")]
    pub mod typed_output {}
    #[doc = include_str!("guide/wasm.md")]
    pub mod wasm {}
    #[doc = include_str!("guide/web.md")]
    pub mod web {}
}

/// The result of everything that can fail. [`ModelsResult`] is the same type under its longer name.
pub type Result<T, E = BotticelliError> = std::result::Result<T, E>;

// For `impl BotticelliDriver for YourDriver`.
pub use async_trait::async_trait;
pub use botticelli_core::{
    AuthConfig, Choice, ChunkCollector, Compatibility, CompletionRequest, CompletionRequestBuilder, Cost,
    CostEstimate, CostSource, Delta, DriverKind, FinishReason, GenerateRequest, GenerateRequestBuilder,
    GenerateResponse, GenerateResponseBuilder, GenerationConfig, HuggingFaceConfig, Input, LlmConfig,
    LlmConfigBuilder, Logprobs, MediaSource, Message, MessageBuilder, ModelFilter, ModelInfo, ModelMatch,
    Output, OutputSchema, Price, ProviderListing, ReasoningEffort, ResponseFormat, Retry, RetryConfig, Role,
    RoutingDecision, SearchOrder, StreamChunk, StreamChunkBuilder, Throughput, Timeouts, Timings,
    TokenLogprob, ToolCall, ToolCallDelta, ToolChoice, ToolDefinition, Usage, UsageBuilder,
};
#[cfg(feature = "huggingface")]
pub use botticelli_error::HuggingFaceErrorKind;
pub use botticelli_error::{
    BotticelliError, BotticelliErrorKind, BuilderError, CertificateProblem, ConfigError, ErrorCategory,
    ErrorDetails, HttpError, HttpErrorKind, InterruptedError, JsonError, JsonErrorKind, LimitError,
    LimitErrorKind, ModelsError, ModelsErrorKind, ModelsResult, PartialResponse, PartialToolCall,
    TimeoutKind,
};
// Traits for every driver, and the tools that a model may call.
pub use botticelli_interface::{
    Approval, BotticelliDriver, ChunkStream, Clock, CompletionDriver, DriverExt, FixedRandom, ManualClock,
    RandomSource, Tool, ToolEvent, ToolLimits, ToolOutcome, ToolOutput, ToolResult, ToolRun, ToolRunError,
    ToolStep, ToolStream, Tools,
};
#[cfg(feature = "schema")]
pub use botticelli_interface::{
    Fallback, Partial, PartialJson, PartialStream, Repair, TypedMode, TypedOptions, TypedResponse, Violation,
    schemars, tool_definition,
};
#[cfg(feature = "models")]
pub use botticelli_models::Environment;
#[cfg(feature = "huggingface")]
pub use botticelli_models::huggingface::{
    self, Catalog, HuggingFaceDriver, HuggingFaceDriverBuilder, ModelRoute, ProviderPolicy,
};
#[cfg(feature = "models")]
pub use botticelli_models::transport::{Limits, Observer, Wait};
#[cfg(feature = "sandbox")]
pub use botticelli_sandbox as sandbox;
#[cfg(feature = "models")]
pub use config_file::{config_from_file, config_from_toml};
#[cfg(feature = "models")]
pub use factory::{driver_from, driver_from_config};
// For `stream.next()`.
pub use futures::StreamExt;
/// A type with a JSON Schema, and the derive macro that implements the trait.
///
/// The macro writes paths that begin with `schemars`. Say where that is, either on the type:
///
/// ```
/// # #[cfg(feature = "schema")] {
/// #[derive(serde::Deserialize, botticelli::JsonSchema)]
/// #[schemars(crate = "botticelli::schemars")]
/// struct Painter {
///     name: String,
/// }
/// # }
/// ```
///
/// or once in the module:
///
/// ```
/// # #[cfg(feature = "schema")] {
/// use botticelli::{JsonSchema, schemars};
///
/// #[derive(serde::Deserialize, JsonSchema)]
/// struct Painter {
///     name: String,
/// }
/// # }
/// ```
///
/// A schema that is built at runtime is an [`OutputSchema`].
#[cfg(feature = "schema")]
pub use schemars::JsonSchema;
