//! Building a driver from a configuration.

use crate::config_file::{located, parse, read};
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
    let config = parse(&text, &name)?;
    driver_from(&config, Environment::process()).map_err(|error| located(error, &text, &name))
}

/// Builds the driver that `config` describes, with variables and files from `environment`.
///
/// # Errors
///
/// A provider that is not compiled in, and any error of the driver's builder.
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
        #[allow(unreachable_patterns, reason = "with all providers compiled in, this arm is unreachable")]
        other => {
            drop(environment);
            let reason = format!("the provider `{other}` is not part of this build");
            let remedy = format!("enable the feature `{other}` of the crate `botticelli` in Cargo.toml");
            Err(botticelli_error::ConfigError::new(reason, remedy).with_key("llm.provider").into())
        }
    }
}
