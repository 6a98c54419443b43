//! Tasks other than text generation, in the JSON of hf-inference, text-embeddings-inference, `OpenAI`'s API and providers.
//!
//! The responses derive from the input: texts with common words have similar vectors.

mod classification;
mod embedding;
mod endpoint;
mod input;
mod models;
mod question_answering;
mod rerank;
mod respond;
mod similarity;
mod tabular;
mod text;
mod vectors;

pub(crate) use endpoint::TaskEndpoint;
pub(crate) use models::{Task, TaskModel, find, task_models};
pub(crate) use respond::respond;
