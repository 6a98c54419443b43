//! A configuration to a driver.

use crate::config_file::{located, parse, read};
use botticelli_core::LlmConfig;
use botticelli_error::BotticelliError;
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use std::path::Path;
use std::sync::Arc;

/// The driver that a TOML file describes, with tokens from this process's environment.
///
/// ```toml
/// [llm]
/// provider = "huggingface"
/// model = "openai/gpt-oss-20b:cheapest"
/// ```
///
/// # Errors
///
/// A [`ConfigError`](botticelli_error::ConfigError) with file, line and key: a file that cannot be read, an unknown
/// key or provider, a wrong type, an impossible value, a provider that was not compiled in. And whatever keeps the
/// driver from being built: no token, a base URL that is none.
#[track_caller]
pub fn driver_from_config(path: impl AsRef<Path>) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    let path = path.as_ref();
    let text = read(path)?;
    let name = path.display().to_string();
    let config = parse(&text, &name)?;
    driver_from(&config, Environment::process()).map_err(|error| located(error, &text, &name))
}

/// The driver that `config` describes, with variables and files from `environment`.
///
/// # Errors
///
/// A provider that was not compiled in, and whatever keeps the driver from being built.
#[track_caller]
pub fn driver_from(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    match config.provider() {
        #[cfg(feature = "huggingface")]
        botticelli_core::DriverKind::HuggingFace => {
            let driver = botticelli_models::huggingface::HuggingFaceDriver::from_config(config, environment)?;
            Ok(Arc::new(driver))
        }
        #[allow(unreachable_patterns, reason = "with every provider compiled in, no other is left")]
        other => {
            drop(environment);
            let reason = format!("the provider `{other}` is not part of this build");
            let remedy = format!("enable the feature `{other}` of the crate `botticelli` in Cargo.toml");
            Err(botticelli_error::ConfigError::new(reason, remedy).with_key("llm.provider").into())
        }
    }
}
