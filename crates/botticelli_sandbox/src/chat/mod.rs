//! Chat calls: parsing, validation and response generation.

mod check;
mod choices;
mod content;
mod default_text;
mod endpoint;
mod envelope;
mod format;
mod generation;
mod media;
mod message;
mod reasoning;
mod request;
mod respond;
mod tokens;
mod tool_calls;

pub(crate) use endpoint::{Endpoint, HF_INFERENCE, MODEL_OF_TGI, ModelLookup};
pub(crate) use envelope::Envelope;
pub(crate) use generation::{Choice, FinishReason, FunctionCall, Generation, StreamItem, pieces_of};
pub(crate) use respond::{LARGEST_FOR_TGI, ResponseForm, check_context_length, respond};
pub(crate) use tokens::tokens;
