//! Building drivers of tasks from a configuration.

use crate::config_file::{located, parse, read};
use crate::layers::cached_embedder;
use botticelli_core::{DriverKind, LayerKind, LlmConfig};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::tasks::{EmbeddingDriver, RerankDriver};
use botticelli_models::Environment;
use botticelli_models::huggingface::HuggingFaceTasks;
use std::path::Path;
use std::sync::Arc;

/// The table of embeddings.
const EMBEDDING: &str = "embedding";

/// Builds the driver of embeddings that the table `[embedding]` of a TOML file describes, with tokens from this process's environment.
///
/// ```toml
/// [embedding]
/// provider = "huggingface"
/// model = "BAAI/bge-small-en-v1.5"
/// ```
///
/// The table has the keys of `[llm]`, except those that concern only chat. Its table `huggingface` also has `api`, `batch_size`,
/// `concurrency` and `job_timeout`. Of the layers, only `[embedding.cache]` is supported. The same file may have the table `[llm]`.
///
/// # Errors
///
/// As [`tasks_from_config`].
#[track_caller]
pub fn embedder_from_config(path: impl AsRef<Path>) -> Result<Arc<dyn EmbeddingDriver>, BotticelliError> {
    let path = path.as_ref();
    embedder(&read(path)?, &path.display().to_string(), &Environment::process())
}

/// Builds the driver of embeddings that the table `[embedding]` of a TOML text describes, with variables and files from `environment`.
/// See [`embedder_from_config`].
///
/// # Errors
///
/// As [`tasks_from_config`].
#[track_caller]
#[allow(clippy::needless_pass_by_value, reason = "as in `tasks_from_toml`")]
pub fn embedder_from_toml(
    text: &str,
    environment: Environment,
) -> Result<Arc<dyn EmbeddingDriver>, BotticelliError> {
    embedder(text, "the configuration", &environment)
}

fn embedder(
    text: &str,
    file: &str,
    environment: &Environment,
) -> Result<Arc<dyn EmbeddingDriver>, BotticelliError> {
    let config = parse(text, file, EMBEDDING)?;
    let build = || {
        let driver = tasks_from(&config, environment.clone(), &[LayerKind::Cache])?;
        cached_embedder(&config, environment, driver)
    };
    build().map_err(|error| located(error, text, file, EMBEDDING))
}

/// Builds the driver of reranking that the table `[rerank]` of a TOML file describes. See [`embedder_from_config`].
///
/// # Errors
///
/// As [`tasks_from_config`].
#[track_caller]
pub fn reranker_from_config(path: impl AsRef<Path>) -> Result<Arc<dyn RerankDriver>, BotticelliError> {
    Ok(Arc::new(tasks_from_config(path, "rerank")?))
}

/// Builds the driver of tasks that a table of a TOML file describes: `embedding`, `rerank`, or `tasks.NAME` with any name. See
/// [`embedder_from_config`].
///
/// ```toml
/// [tasks.captions]
/// provider = "huggingface"
/// model = "Salesforce/blip-image-captioning-base"
/// ```
///
/// # Errors
///
/// A [`ConfigError`] with file, line and key: an unreadable file, a missing table, an unknown key or provider, a wrong type, an invalid
/// value, a setting that concerns only chat, or a provider without tasks. Also any error of the driver's builder.
#[track_caller]
pub fn tasks_from_config(path: impl AsRef<Path>, table: &str) -> Result<HuggingFaceTasks, BotticelliError> {
    let path = path.as_ref();
    let text = read(path)?;
    build(&text, &path.display().to_string(), table, Environment::process())
}

/// Builds the driver of tasks that a table of a TOML text describes, with variables and files from `environment`. See
/// [`tasks_from_config`].
///
/// ```
/// use botticelli::{Environment, tasks_from_toml};
///
/// # fn main() -> botticelli::Result<()> {
/// let text = "[embedding]\nprovider = \"huggingface\"\nmodel = \"BAAI/bge-small-en-v1.5\"\n[embedding.huggingface]\nbatch_size = 8";
/// let environment = Environment::empty().with("HF_TOKEN", "hf_example");
/// assert_eq!(tasks_from_toml(text, "embedding", environment)?.batch_size(), 8);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`tasks_from_config`].
#[track_caller]
pub fn tasks_from_toml(
    text: &str,
    table: &str,
    environment: Environment,
) -> Result<HuggingFaceTasks, BotticelliError> {
    build(text, "the configuration", table, environment)
}

fn build(
    text: &str,
    file: &str,
    table: &str,
    environment: Environment,
) -> Result<HuggingFaceTasks, BotticelliError> {
    let config = parse(text, file, table)?;
    tasks_from(&config, environment, &[]).map_err(|error| located(error, text, file, table))
}

/// Builds the driver of tasks that `config` describes, which may have these layers.
fn tasks_from(
    config: &LlmConfig,
    environment: Environment,
    supported: &[LayerKind],
) -> Result<HuggingFaceTasks, BotticelliError> {
    let provider = config.provider();
    if provider != DriverKind::HuggingFace {
        let reason = format!("the provider `{provider}` has no tasks");
        return Err(ConfigError::new(reason, "write \"huggingface\"").with_key("provider").into());
    }
    if let Some(layer) = config.layers()?.iter().find(|layer| !supported.contains(layer)) {
        let reason = format!("the layer `{layer}` has no effect on this driver");
        return Err(ConfigError::new(reason, "remove its table").with_key(layer.as_str()).into());
    }
    HuggingFaceTasks::from_config(config, environment)
}
