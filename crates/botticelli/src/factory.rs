//! Building a driver from a configuration.

use crate::config_file::{LLM, located, parse, read};
use crate::layers::layered_driver;
use botticelli_core::LlmConfig;
use botticelli_error::BotticelliError;
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use std::path::Path;
use std::sync::Arc;

/// Builds the driver that a TOML file describes, with tokens from this process's environment.
///
/// ```toml
/// [llm]
/// provider = "huggingface"
/// model = "openai/gpt-oss-20b:cheapest"
/// ```
///
/// # Errors
///
/// A [`ConfigError`](botticelli_error::ConfigError) with file, line and key: an unreadable file, an unknown key or provider, a wrong
/// type, an invalid value, a provider that is not compiled in. Also any error of the driver's builder, such as a missing token.
#[track_caller]
pub fn driver_from_config(path: impl AsRef<Path>) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    let path = path.as_ref();
    let text = read(path)?;
    let name = path.display().to_string();
    let config = parse(&text, &name, LLM)?;
    driver_from(&config, Environment::process()).map_err(|error| located(error, &text, &name, LLM))
}

/// Builds the driver that `config` describes, with its layers, and with variables and files from `environment`.
///
/// # Errors
///
/// A provider or a layer that is not compiled in, and any error of the driver's builder or of a layer.
#[track_caller]
pub fn driver_from(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    layered_driver(config, environment)
}
