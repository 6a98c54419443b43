//! Building a driver of a local model.

use botticelli_core::LlmConfig;
use botticelli_error::BotticelliError;
use botticelli_gguf::GgufDriver;
use botticelli_interface::BotticelliDriver;
use botticelli_models::Environment;
use std::path::Path;
use std::sync::Arc;

/// Builds the driver of the model that `config` names: the path of a file, or a model of the Hub.
///
/// A file is loaded now. A model of the Hub is loaded by the first call.
#[track_caller]
pub(crate) fn local_driver(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    if is_path(config.model()) {
        return Ok(Arc::new(GgufDriver::from_config(config)?));
    }
    of_hub(config, environment)
}

#[cfg(feature = "hub")]
#[track_caller]
fn of_hub(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    Ok(Arc::new(crate::hub_driver::HubDriver::from_config(config, environment)?))
}

#[cfg(not(feature = "hub"))]
#[track_caller]
fn of_hub(
    config: &LlmConfig,
    environment: Environment,
) -> Result<Arc<dyn BotticelliDriver>, BotticelliError> {
    drop(environment);
    let model = botticelli_core::redact::tokens(config.model());
    let reason = format!("`{model}` is a model of the Hub, and downloads are not part of this build");
    let remedy = "enable the feature `hub` of the crate `botticelli` in Cargo.toml, or write the path of a GGUF file, such as \
                  `./model.gguf`";
    Err(botticelli_error::ConfigError::new(reason, remedy).with_key("model").into())
}

/// Returns whether a model is a path. A model of the Hub is `org/name` or `org/name:quantization`.
fn is_path(model: &str) -> bool {
    let is_file_name =
        |text: &str| Path::new(text).extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"));
    let (name, quantization) = model.split_once(':').unwrap_or((model, ""));
    let is_name = name.split('/').count() == 2 && !name.starts_with(['.', '/', '~']) && !name.contains('\\');
    !is_name || (quantization.is_empty() && is_file_name(name)) || Path::new(model).exists()
}
