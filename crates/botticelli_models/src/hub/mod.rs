//! Models and data sets from the Hugging Face Hub, in the cache of the `hf` tools.
//!
//! ```no_run
//! use botticelli_models::hub::{FileFilter, Hub};
//!
//! # async fn example() -> botticelli_error::ModelsResult<()> {
//! let hub = Hub::from_env()?;
//! // One file, at the current commit of the branch `main`.
//! let path = hub.download("HuggingFaceTB/SmolLM2-135M-Instruct", "tokenizer.json").await?;
//! // Several files of one commit, in one folder.
//! let folder = hub.snapshot("HuggingFaceTB/SmolLM2-135M-Instruct", FileFilter::matching(["*.json"])).await?;
//! // A quantization of a model: one file, or all parts of a split file.
//! let model = hub.download_gguf("bartowski/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M").await?;
//! println!("{} ({} bytes)", model.path().display(), model.size());
//! // A split of a data set, as Parquet.
//! let files = hub.dataset("stanfordnlp/imdb", "train").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Progress
//!
//! ```no_run
//! use botticelli_models::hub::{Hub, Progress};
//!
//! # fn example() -> botticelli_error::ModelsResult<()> {
//! let hub = Hub::from_env()?.with_observer(|progress: &Progress| {
//!     eprintln!("{} {:?} {} of {:?}", progress.file, progress.step, progress.received, progress.total);
//! });
//! # Ok(())
//! # }
//! ```
//!
//! # Memory
//!
//! ```no_run
//! use botticelli_models::hub::Hub;
//!
//! # async fn example() -> botticelli_error::ModelsResult<()> {
//! // The largest quantization of at most 3 GB.
//! let hub = Hub::from_env()?.with_memory_limit(3_000_000_000);
//! let model = hub.download_gguf("bartowski/Llama-3.2-3B-Instruct-GGUF").await?;
//! println!("{:?}", model.quantization());
//! # Ok(())
//! # }
//! ```
//!
//! # Settings
//!
//! | setting | variable | default |
//! | --- | --- | --- |
//! | [`with_endpoint`](HubBuilder::with_endpoint) | `HF_ENDPOINT` | `https://huggingface.co` |
//! | [`with_cache`](HubBuilder::with_cache) | `HF_HUB_CACHE`, `HF_HOME` | `~/.cache/huggingface/hub` |
//! | [`with_token`](HubBuilder::with_token) | those of the [driver](crate::huggingface::HuggingFaceDriver::from_env) | none |
//! | [`with_offline`](HubBuilder::with_offline) | `HF_HUB_OFFLINE`, `TRANSFORMERS_OFFLINE` | online |
//! | [`with_revision`](HubBuilder::with_revision) | | `main` |
//! | [`with_concurrency`](HubBuilder::with_concurrency) | | 4 |
//! | [`with_idle_timeout`](HubBuilder::with_idle_timeout) | | 30 s |
//! | | `HF_HUB_DISABLE_SYMLINKS` | links, if the file system has them |
//!
//! # Guarantees
//!
//! - A path that is returned is a complete file. Its SHA-256, or the hash of git for a small file, was computed from the disk and is
//!   the one that the Hub states.
//! - An interrupted download is continued, also by another process. Two processes that need the same content download it once.
//! - The token is sent to the endpoint only, never to a server to which it redirects. Only https is followed.
//! - No name that a server sends leads out of the folder of the repository.
//! - In offline mode, nothing is sent.
//!
//! Checksums are slow without optimization: about 15 MB/s instead of 650 MB/s. A program that downloads large models in a debug
//! build should have this in its `Cargo.toml`:
//!
//! ```toml
//! [profile.dev.package]
//! sha2.opt-level = 3
//! ```
//!
//! # The cache
//!
//! [`Hub::list`] returns the repositories in the cache with their sizes, and [`Hub::remove`] deletes one.
//!
//! ```
//! use botticelli_models::Environment;
//! use botticelli_models::hub::Hub;
//!
//! # fn main() -> botticelli_error::ModelsResult<()> {
//! let environment = Environment::empty().with("HF_HUB_CACHE", "/nowhere/hub");
//! let hub = Hub::builder().with_environment(environment).with_offline(true).build()?;
//! assert!(hub.list()?.is_empty());
//! assert!(!hub.remove("org/name")?);
//! # Ok(())
//! # }
//! ```

mod builder;
mod cache;
mod client;
mod dataset;
mod file;
mod gguf;
#[allow(clippy::module_inception, reason = "the file has the name of its type")]
mod hub;
mod listing;
mod metadata;
mod model;
mod patterns;
mod progress;
mod refusal;
mod repository;
mod settings;
mod snapshot;
mod transfer;

pub use builder::HubBuilder;
pub use cache::cached_repository::{CachedRepository, CachedRevision};
pub use gguf::downloaded::GgufModel;
pub use hub::Hub;
pub use patterns::FileFilter;
pub use progress::{DownloadStep, Progress, ProgressObserver};
pub use repository::RepositoryKind;
