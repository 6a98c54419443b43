//! Building drivers of tasks from a configuration.

use crate::config_file::{located, parse, read, refuse_unused_tables};
use crate::task_layers::layered_tasks;
use botticelli_core::{DriverKind, LlmConfig};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::tasks::{EmbeddingDriver, EveryTaskDriver, RerankDriver};
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
/// `concurrency` and `job_timeout`. Of the layers, it may have `budget`, `cache`, `cassette` and `rate_limit`, such as
/// `[embedding.cache]`. The same file may have the table `[llm]`.
///
/// # Errors
///
/// As [`tasks_from_config`].
#[track_caller]
pub fn embedder_from_config(path: impl AsRef<Path>) -> Result<Arc<dyn EmbeddingDriver>, BotticelliError> {
    Ok(tasks_from_config(path, EMBEDDING)?)
}

/// Builds the driver of embeddings that the table `[embedding]` of a TOML text describes, with variables and files from `environment`.
/// See [`embedder_from_config`].
///
/// # Errors
///
/// As [`tasks_from_config`].
#[track_caller]
pub fn embedder_from_toml(
    text: &str,
    environment: Environment,
) -> Result<Arc<dyn EmbeddingDriver>, BotticelliError> {
    Ok(tasks_from_toml(text, EMBEDDING, environment)?)
}

/// Builds the driver of reranking that the table `[rerank]` of a TOML file describes. See [`embedder_from_config`].
///
/// # Errors
///
/// As [`tasks_from_config`].
#[track_caller]
pub fn reranker_from_config(path: impl AsRef<Path>) -> Result<Arc<dyn RerankDriver>, BotticelliError> {
    Ok(tasks_from_config(path, "rerank")?)
}

/// Builds the driver of tasks that a table of a TOML file describes, with its layers: `embedding`, `rerank`, or `tasks.NAME` with any
/// name. See [`embedder_from_config`]. `HuggingFaceTasks::from_config` builds a driver without layers, which has more settings.
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
pub fn tasks_from_config(
    path: impl AsRef<Path>,
    table: &str,
) -> Result<Arc<dyn EveryTaskDriver>, BotticelliError> {
    let path = path.as_ref();
    let text = read(path)?;
    build(&text, &path.display().to_string(), table, &Environment::process())
}

/// Builds the driver of tasks that a table of a TOML text describes, with variables and files from `environment`. See
/// [`tasks_from_config`].
///
/// ```
/// use botticelli::tasks::TaskDriver;
/// use botticelli::{Environment, tasks_from_toml};
///
/// # fn main() -> botticelli::Result<()> {
/// let text = "[embedding]\nprovider = \"huggingface\"\nmodel = \"BAAI/bge-small-en-v1.5\"\n[embedding.huggingface]\nbatch_size = 8";
/// let environment = Environment::empty().with("HF_TOKEN", "hf_example");
/// let driver = tasks_from_toml(text, "embedding", environment)?;
/// assert_eq!(driver.model_name(), "BAAI/bge-small-en-v1.5");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`tasks_from_config`].
#[track_caller]
#[allow(clippy::needless_pass_by_value, reason = "as in `driver_from`")]
pub fn tasks_from_toml(
    text: &str,
    table: &str,
    environment: Environment,
) -> Result<Arc<dyn EveryTaskDriver>, BotticelliError> {
    build(text, "the configuration", table, &environment)
}

fn build(
    text: &str,
    file: &str,
    table: &str,
    environment: &Environment,
) -> Result<Arc<dyn EveryTaskDriver>, BotticelliError> {
    let config = parse(text, file, table)?;
    let plain = || plain_tasks(&config, environment.clone());
    let driver = refuse_unused_tables(&config).and_then(|()| layered_tasks(&config, environment, plain));
    driver.map_err(|error| located(error, text, file, table))
}

/// Builds the driver of tasks that `config` describes, without layers.
fn plain_tasks(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Arc<dyn EveryTaskDriver>, BotticelliError> {
    let provider = config.provider();
    if provider != DriverKind::HuggingFace {
        let reason = format!("the provider `{provider}` has no tasks");
        return Err(ConfigError::new(reason, "write \"huggingface\"").with_key("provider").into());
    }
    Ok(Arc::new(HuggingFaceTasks::from_config(config, environment)?))
}
