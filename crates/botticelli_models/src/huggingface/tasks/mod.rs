//! Tasks other than text generation.
//!
//! | file | task |
//! | --- | --- |
//! | `builder`, `settings`, [`driver`](HuggingFaceTasks), [`api`](TaskApi) | the driver and its settings |
//! | `task`, `route` | finds the server, the provider, and the provider's name of the model |
//! | `call` | sends a request until its response arrives, and records the facts of the response |
//! | [`supported`](SupportedTask) | the table of tasks, methods and providers |
//! | `batches` | splits a long list of inputs |
//! | `embedding`, `vectors` | embeddings |
//! | `similarity`, `rerank`, `classification`, `question_answering`, `text`, `tabular` | the other tasks of texts and tables |
//! | `image`, `audio`, `generation` | tasks that read or generate images and audio |
//! | `provider_bodies`, `provider_call`, `multipart` | media at providers, which differ in their JSON |
//! | `job`, `job_kind`, [`job_progress`](JobProgress), `job_cancel` | long-running jobs of providers |
//! | `media_answer`, `download` | answers that are media, or the address of media |
//! | `body`, `lists` | the JSON that these tasks share |
//!
//! Each file of a task has the JSON of its requests and responses, and the conversions.

mod api;
mod audio;
mod batches;
mod body;
mod builder;
mod call;
mod classification;
mod download;
mod driver;
mod embedding;
mod generation;
mod image;
mod job;
mod job_cancel;
mod job_kind;
mod job_progress;
mod lists;
mod media_answer;
mod multipart;
mod provider_bodies;
mod provider_call;
mod question_answering;
mod rerank;
mod route;
mod send_record;
mod settings;
mod similarity;
mod sparse_embedding;
mod supported;
mod tabular;
mod task;
mod text;
mod vectors;

pub use api::TaskApi;
pub use driver::HuggingFaceTasks;
pub use job_progress::{JobObserver, JobProgress};
pub use supported::SupportedTask;
