//! The choice of modes.

use super::target_schema::reject_conflicting_fields;
use super::{TypedMode, TypedOptions};
use crate::BotticelliDriver;
use botticelli_core::{GenerateRequest, ModelInfo};
use botticelli_error::BotticelliError;

/// Returns the modes of the options. With the catalog, modes that no provider of the model supports are removed.
pub(super) async fn select_modes<D>(
    driver: &D,
    request: &GenerateRequest,
    options: &TypedOptions,
) -> Result<Vec<TypedMode>, BotticelliError>
where
    D: BotticelliDriver + ?Sized,
{
    reject_conflicting_fields(request)?;
    options.validate()?;
    let requested = options.modes().to_vec();
    if !options.uses_catalog() {
        return Ok(requested);
    }
    let model = request.model().unwrap_or(driver.model_name());
    let Ok(Some(info)) = driver.model_info(model).await else { return Ok(requested) };
    let possible: Vec<_> =
        requested.iter().copied().filter(|mode| !is_impossible(*mode, model, &info)).collect();
    Ok(if possible.is_empty() { requested } else { possible })
}

/// Returns whether no provider that may serve the model supports this mode, according to the catalog.
fn is_impossible(mode: TypedMode, model: &str, info: &ModelInfo) -> bool {
    let route = model.rsplit_once(':').map(|(_, route)| route);
    let is_pinned = info.providers.iter().any(|provider| Some(provider.name.as_str()) == route);
    let mut serving = info
        .providers
        .iter()
        .filter(|provider| !is_pinned || Some(provider.name.as_str()) == route)
        .peekable();
    serving.peek().is_some()
        && serving.all(|provider| match mode {
            TypedMode::JsonSchema => provider.supports_structured_output == Some(false),
            TypedMode::ToolCall => provider.supports_tools == Some(false),
            TypedMode::JsonObject | TypedMode::Prompt => false,
        })
}
