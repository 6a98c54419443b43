//! Spans and records of calls (feature `trace`).
//!
//! Every call has a span of the crate `tracing` with the names of OpenTelemetry's conventions for generative AI. A subscriber such as
//! `tracing-opentelemetry` exports it. An observer receives a [`CallRecord`] of every call, for metrics and logs.
//!
//! ```
//! use botticelli_interface::BotticelliDriver;
//! use botticelli_layers::LayerExt;
//! use botticelli_layers::mock::MockDriver;
//! use botticelli_layers::trace::{CallRecord, Trace};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), botticelli_error::BotticelliError> {
//! let trace = Trace::default().with_observer(|call: &CallRecord| {
//!     println!("{}: {:?}, {:?}", call.requested_model(), call.outcome(), call.duration());
//! });
//! let driver = MockDriver::answering(["Hello"]).with_trace(trace);
//! driver.generate("Hi".into()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # The span
//!
//! The span has the name `gen_ai.client.inference`, the target `botticelli::trace` and the level `INFO`. It begins with the call, and ends
//! with the last chunk of a stream. Retries are part of it.
//!
//! | field | value |
//! | --- | --- |
//! | `otel.name`, `otel.kind` | `chat MODEL` or `text_completion MODEL`; `client` |
//! | `gen_ai.operation.name` | `chat`, `text_completion` |
//! | `gen_ai.provider.name`, `gen_ai.request.model` | the driver, the requested model |
//! | `gen_ai.request.stream`, `max_tokens`, `temperature`, `top_p`, `seed`, `frequency_penalty`, `presence_penalty`, `choice.count` | the parameters of the request that are set |
//! | `gen_ai.response.id`, `gen_ai.response.model` | as the service reported them |
//! | `gen_ai.response.finish_reasons` | a JSON list as text, because `tracing` has no lists: `["stop"]` |
//! | `gen_ai.response.time_to_first_chunk` | seconds, of streams |
//! | `gen_ai.usage.input_tokens`, `output_tokens`, `cache_read.input_tokens`, `reasoning.output_tokens` | tokens that the service reported |
//! | `error.type`, `otel.status_code` | the category of an error, or `dropped`; `ERROR` |
//! | `botticelli.cost.nano_dollars`, `botticelli.cost.source` | the cost, without the amount if it is unknown |
//! | `botticelli.retries`, `botticelli.cached`, `botticelli.inference_provider` | retries, whether a cache answered, the provider that served the model |
//!
//! With [`Trace::with_content`], `gen_ai.input.messages`, `gen_ai.output.messages` and `otel.status_description` have the texts of the
//! request, the response and the error. Without it, no text of a conversation is in a span.

mod config;
mod content;
mod record;
mod recording;
mod settings;
mod span;
mod stream;
mod traced;

pub use config::TraceConfig;
pub(crate) use content::{input_messages, input_prompt};
pub use record::{CallOutcome, CallRecord};
pub use settings::Trace;
pub use traced::Traced;
