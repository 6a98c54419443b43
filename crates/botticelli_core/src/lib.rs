//! The nouns of Botticelli. No I/O, no async, no environment, and no provider's spelling.
//!
//! ```
//! use botticelli_core::{GenerateRequest, Input, Message, Role};
//!
//! # fn main() -> Result<(), botticelli_error::BotticelliError> {
//! let request = GenerateRequest::builder()
//!     .messages(vec![
//!         Message::system("You answer in one word."),
//!         Message::builder().role(Role::User).content(vec![Input::Text("Hello".to_string())]).build()?,
//!     ])
//!     .max_tokens(10)
//!     .build()?;
//! assert_eq!(request.max_tokens(), Some(10));
//!
//! let short: GenerateRequest = "Hello".into();
//! assert_eq!(short.messages().len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! | question | types |
//! | --- | --- |
//! | what is said? | [`Message`], [`Role`], [`Input`], [`MediaSource`] |
//! | what is asked? | [`GenerateRequest`], [`CompletionRequest`], [`ToolDefinition`], [`ToolChoice`], [`ResponseFormat`], [`OutputSchema`], [`ReasoningEffort`] |
//! | what comes back? | [`GenerateResponse`], [`Output`], [`Choice`], [`ToolCall`], [`FinishReason`], [`Logprobs`], [`Usage`], [`Cost`], [`Timings`], [`RoutingDecision`], [`Retry`] |
//! | piece by piece? | [`StreamChunk`], [`Delta`], [`ChunkCollector`] |
//! | who can do it, at what price? | [`ModelInfo`], [`ProviderListing`], [`Price`], [`Throughput`], [`ModelFilter`], [`ModelMatch`], [`CostEstimate`] |
//! | who is asked, and how? | [`DriverKind`], [`LlmConfig`], [`GenerationConfig`], [`Timeouts`], [`RetryConfig`] |
//!
//! Requests and responses serialise: they are stored, cached and replayed.

mod choice;
mod chunk;
mod collect;
mod completion;
mod config;
mod cost;
mod finish;
mod generation;
mod input;
mod logprobs;
mod media;
mod message;
mod model;
mod need;
mod output;
mod provider;
mod reasoning;
mod request;
mod response;
mod retry;
mod role;
mod routing;
mod schema;
mod stored;
mod throughput;
mod timeouts;
mod timings;
mod tool;
mod usage;

pub use choice::Choice;
pub use chunk::{Delta, StreamChunk, StreamChunkBuilder, ToolCallDelta};
pub use collect::ChunkCollector;
pub use completion::{CompletionRequest, CompletionRequestBuilder};
pub use config::{AuthConfig, LlmConfig, LlmConfigBuilder};
pub use cost::{Cost, CostEstimate, CostSource};
pub use finish::FinishReason;
pub use generation::GenerationConfig;
pub use input::Input;
pub use logprobs::{Logprobs, TokenLogprob};
pub use media::MediaSource;
pub use message::{Message, MessageBuilder};
pub use model::{ModelInfo, Price, ProviderListing};
pub use need::{Compatibility, ModelFilter, ModelMatch, SearchOrder};
pub use output::Output;
pub use provider::DriverKind;
pub use reasoning::ReasoningEffort;
pub use request::{GenerateRequest, GenerateRequestBuilder};
pub use response::{GenerateResponse, GenerateResponseBuilder};
pub use retry::{Retry, RetryConfig};
pub use role::Role;
pub use routing::RoutingDecision;
pub use schema::{OutputSchema, ResponseFormat};
pub use throughput::Throughput;
pub use timeouts::Timeouts;
pub use timings::Timings;
pub use tool::{ToolCall, ToolChoice, ToolDefinition};
pub use usage::{Usage, UsageBuilder};
