//! Conversions between the types of Botticelli and the JSON of the service. They are pure functions: no async, clock, environment or
//! log.
//!
//! A value without a counterpart is an error that names it, and is never dropped.
//!
//! | file | from | to |
//! | --- | --- | --- |
//! | `request` | `GenerateRequest` | `HuggingFaceRequest` |
//! | `media` | `MediaSource` | the parts of a `HuggingFaceMessage` |
//! | `format` | `ResponseFormat` | `HuggingFaceResponseFormat` for a dialect |
//! | `completion` | `CompletionRequest` | `HuggingFaceCompletionRequest`, `HuggingFaceGenerateRequest` |
//! | `generation` | `HuggingFaceGeneration` | `HuggingFaceChunk` |
//! | `decoder` | | the format of a response, and what it may contain |
//! | `broken_json`, `surrogates`, `non_finite` | JSON that broke off, with halves of characters, or with `NaN` | valid JSON |
//! | `json_reader`, `json_string` | ordinary JSON, and the strings in it | the values of a dto |
//! | `response` | `HuggingFaceResponse` | `GenerateResponse` |
//! | `chunk`, `choice`, `piece` | `HuggingFaceChunk`, and a choice in it | `Delta`s |
//! | `thinking` | text with `<think>` in it | text and reasoning, separated |
//! | `logprobs` | OpenAI's format, or another | `Logprobs` |
//! | `calls` | `HuggingFaceToolCall`s, whole or in fragments | `ToolCallDelta`s |
//! | `arguments` | fragments of the arguments of one call | the text to pass on |
//! | `finish` | the server's finish reason | `FinishReason`, or `BotticelliError` |
//! | `usage` | `HuggingFaceUsage` | `Usage`, `Cost` |
//! | `model` | `HuggingFaceModel` | `ModelInfo` |
//! | `error`, `error_context` | status and body of an error response, and facts of its call | `BotticelliError` |
//! | `phrases`, `account` | text of an error | its meaning, whatever the status is |
//! | `error_text` | body of an error, in any shape | message, codes and hints |

mod account;
mod arguments;
pub(in crate::huggingface) mod broken_json;
mod calls;
mod choice;
mod chunk;
mod completion;
mod decoder;
mod error;
mod error_context;
mod error_text;
mod finish;
mod format;
mod generation;
mod json_reader;
pub(in crate::huggingface) mod json_string;
mod logprobs;
mod media;
mod model;
pub(in crate::huggingface) mod non_finite;
mod phrases;
mod piece;
mod request;
mod response;
pub(in crate::huggingface) mod surrogates;
mod thinking;
mod usage;

pub(super) use chunk::ChunkReader;
pub(super) use completion::{completion_request, generate_request};
pub(super) use decoder::{Decoder, ExpectedResponse};
pub(super) use error::{refusal, refusal_event, refusal_in_response, refusal_in_text};
pub(super) use error_context::ErrorContext;
pub(super) use finish::failure_in_response;
pub(super) use generation::GenerationReader;
pub(super) use media::has_media;
pub(super) use piece::Piece;
pub(super) use request::request;
pub(super) use response::{parse, partial_of_bytes, response_of_text};
#[cfg(feature = "tasks")]
pub(super) use usage::cost;
pub(super) use usage::usage;
