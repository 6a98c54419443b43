//! The data types of Botticelli: messages, requests, responses, chunks, usage, cost, configuration.
//!
//! This crate has no I/O, no async code, no access to the environment, and no provider's JSON.
//!
//! ```
//! use botticelli::{GenerateRequest, Message};
//!
//! let request = GenerateRequest::from(vec![
//!     Message::system("You answer in one word."),
//!     Message::user("Hello"),
//! ])
//! .with_max_tokens(10);
//! assert_eq!(request.max_tokens(), Some(10));
//!
//! let short: GenerateRequest = "Hello".into();
//! assert_eq!(short.messages().len(), 1);
//! ```
//!
//! | subject | types |
//! | --- | --- |
//! | conversation | [`Message`], [`Role`], [`Input`], [`MediaSource`] |
//! | request | [`GenerateRequest`], [`CompletionRequest`], [`GenerationConfig`], [`ToolDefinition`], [`ToolChoice`], [`ResponseFormat`], [`OutputSchema`], [`ReasoningEffort`], [`RetryGate`], [`SentFlag`] |
//! | response | [`GenerateResponse`], [`Output`], [`Choice`], [`ToolCall`], [`FinishReason`], [`Logprobs`], [`Usage`], [`Cost`], [`Usd`], [`Timings`], [`RoutingDecision`], [`SkippedRoute`], [`RateLimitStatus`], [`Retry`] |
//! | stream | [`StreamChunk`], [`Delta`], [`ChunkCollector`] |
//! | catalog | [`ModelInfo`], [`ProviderListing`], [`Price`], [`Throughput`], [`ModelFilter`], [`ModelMatch`], [`CostEstimate`], [`PricedRoute`] |
//! | other tasks | the types of the module `tasks` (feature `tasks`): embeddings, similarity, reranking, … |
//! | configuration | [`DriverKind`], [`LayerKind`], [`LlmConfig`], [`GenerationConfig`], [`Timeouts`], [`RetryConfig`] |
//!
//! Requests and responses implement serde's traits, to be stored, cached and replayed.

mod choice;
mod chunk;
mod collect;
mod completion;
mod config;
mod cost;
mod finish;
mod generation;
mod input;
#[doc(hidden)]
pub mod json_text;
mod layer;
mod logprobs;
mod media;
mod message;
mod model;
mod model_filter;

mod output;
mod provider;
mod rate_limit;
mod reasoning;
#[doc(hidden)]
pub mod redact;
mod request;
mod request_builder;
mod request_memo;
mod response;
mod retry;
mod retry_gate;
mod role;
mod routing;
mod schema;
mod sent_flag;
mod stored;
#[cfg(feature = "tasks")]
pub mod tasks;
mod throughput;
mod timeouts;
mod timings;
mod tool;
mod usage;
mod usd;

pub use choice::Choice;
pub use chunk::{Delta, StreamChunk, StreamChunkBuilder, ToolCallDelta};
pub use collect::ChunkCollector;
pub use completion::{CompletionRequest, CompletionRequestBuilder};
pub use config::{AuthConfig, LlmConfig, LlmConfigBuilder};
pub use cost::{Cost, CostEstimate, CostSource, PricedRoute};
pub use finish::FinishReason;
pub use generation::GenerationConfig;
pub use input::Input;
pub use layer::LayerKind;
pub use logprobs::{Logprobs, TokenLogprob};
pub use media::MediaSource;
pub use message::{Message, MessageBuilder};
pub use model::{ModelInfo, Price, ProviderListing};
pub use model_filter::{Compatibility, ModelFilter, ModelMatch, SearchOrder};
pub use output::Output;
pub use provider::DriverKind;
pub use rate_limit::RateLimitStatus;
pub use reasoning::ReasoningEffort;
pub use request::GenerateRequest;
pub use request_builder::GenerateRequestBuilder;
pub use request_memo::RequestMemo;
pub use response::{GenerateResponse, GenerateResponseBuilder};
pub use retry::{Retry, RetryConfig};
pub use retry_gate::RetryGate;
pub use role::Role;
pub use routing::{RoutingDecision, SkippedRoute};
pub use schema::{OutputSchema, ResponseFormat};
pub use sent_flag::SentFlag;
pub use throughput::Throughput;
pub use timeouts::Timeouts;
pub use timings::Timings;
pub use tool::{ToolCall, ToolChoice, ToolDefinition};
pub use usage::{Usage, UsageBuilder};
pub use usd::Usd;
