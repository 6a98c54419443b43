//! Tasks other than text generation, in the JSON of hf-inference, text-embeddings-inference, `OpenAI`'s API and providers.
//!
//! The responses derive from the input: texts with common words have similar vectors.

mod audio;
mod bytes;
mod classification;
mod damage;
mod embedding;
mod endpoint;
mod fault;
mod generation;
mod image;
mod input;
mod jobs;
mod models;
mod providers;
mod question_answering;
mod rerank;
mod respond;
mod similarity;
mod tabular;
mod text;
mod vectors;

pub(crate) use damage::damaged;
pub(crate) use endpoint::TaskEndpoint;
pub use fault::{TaskFault, UnknownTaskFault};
pub(crate) use generation::result;
pub(crate) use jobs::Jobs;
pub(crate) use models::{Task, TaskModel, find, task_models};
pub(crate) use providers::{media_provider, respond_as_provider};
pub(crate) use respond::respond;
