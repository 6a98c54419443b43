//! Tasks other than text generation: embeddings, similarity, reranking.
//!
//! | file | task |
//! | --- | --- |
//! | `builder`, `settings`, [`driver`](HuggingFaceTasks), [`api`](TaskApi) | the driver and its settings |
//! | `task`, `route` | finds the server, the provider, and the provider's name of the model |
//! | `call` | sends a request until its response is there, and records the facts of the response |
//! | `batches` | splits a long list of inputs |
//! | `embedding`, `vectors` | embeddings |
//! | `similarity`, `rerank` | similarity and reranking |
//!
//! Each file of a task has the JSON of its requests and responses, and the conversions.

mod api;
mod batches;
mod builder;
mod call;
mod driver;
mod embedding;
mod rerank;
mod route;
mod settings;
mod similarity;
mod task;
mod vectors;

pub use api::TaskApi;
pub use driver::HuggingFaceTasks;
