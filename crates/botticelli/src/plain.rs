//! Building a driver without layers.

use botticelli_core::LlmConfig;
use botticelli_error::BotticelliError;
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use std::sync::Arc;

/// Builds the driver that `config` describes, without its layers.
#[track_caller]
pub(crate) fn plain_driver(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    match config.provider() {
        #[cfg(feature = "huggingface")]
        botticelli_core::DriverKind::HuggingFace => {
            let driver = botticelli_models::huggingface::HuggingFaceDriver::from_config(config, environment)?;
            Ok(Arc::new(driver))
        }
        #[cfg(feature = "gguf")]
        botticelli_core::DriverKind::Gguf => crate::local::local_driver(config, environment),
        #[allow(unreachable_patterns, reason = "with all providers compiled in, this arm is unreachable")]
        other => {
            drop(environment);
            let reason = format!("the provider `{other}` is not part of this build");
            let remedy = format!("enable the feature `{other}` of the crate `botticelli` in Cargo.toml");
            Err(botticelli_error::ConfigError::new(reason, remedy).with_key("llm.provider").into())
        }
    }
}
