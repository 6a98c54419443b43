//! Asks, reads, checks, and asks again.

use super::read::{Reader, output_text, read_value};
use super::target_schema::{TargetSchema, reject_conflicting_fields};
use super::typed_response::{Fallback, History, Repair, TypedResponse};
use super::{TypedMode, TypedOptions, failure, mode_request, repair};
use crate::BotticelliDriver;
use botticelli_core::{GenerateRequest, ModelInfo, OutputSchema};
use botticelli_error::{BotticelliError, ModelsError};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A value of the type `T`.
pub(crate) async fn generate_as<D, T>(
    driver: &D,
    request: GenerateRequest,
    options: &TypedOptions,
) -> Result<TypedResponse<T>, BotticelliError>
where
    D: BotticelliDriver + ?Sized,
    T: DeserializeOwned + schemars::JsonSchema,
{
    let target = TargetSchema::of_type::<T>(options)?;
    extract(driver, &request, &target, options, read_as::<T>).await
}

/// A value that fits `schema`.
pub(crate) async fn generate_json<D>(
    driver: &D,
    request: GenerateRequest,
    schema: &OutputSchema,
    options: &TypedOptions,
) -> Result<TypedResponse<Value>, BotticelliError>
where
    D: BotticelliDriver + ?Sized,
{
    let target = TargetSchema::of_schema(schema)?;
    extract(driver, &request, &target, options, |value| Ok(value.clone())).await
}

pub(super) fn read_as<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

async fn extract<D, T>(
    driver: &D,
    request: &GenerateRequest,
    target: &TargetSchema,
    options: &TypedOptions,
    read: Reader<T>,
) -> Result<TypedResponse<T>, BotticelliError>
where
    D: BotticelliDriver + ?Sized,
{
    let mut history = History::default();
    let mut modes = modes(driver, request, options).await?.into_iter().peekable();
    while let Some(mode) = modes.next() {
        let asked = mode_request::request_for_mode(request, target, mode)?;
        let mut next = asked.clone();
        let mut last = None;
        let mut is_second_attempt = false;
        loop {
            let response = match driver.generate(next.clone()).await {
                Ok(response) => response,
                Err(error) if !is_second_attempt && failure::allows_second_attempt(&error) => {
                    is_second_attempt = true;
                    history.second_attempts = history.second_attempts.saturating_add(1);
                    continue;
                }
                Err(error)
                    if last.is_none() && failure::allows_next_mode(&error) && modes.peek().is_some() =>
                {
                    history.fallbacks.push(Fallback { mode, error });
                    break;
                }
                Err(error) => return Err(failure::with_last_response(error, last.as_ref(), &history)),
            };
            history.totals.add(&response);
            if let Some(kind) = failure::final_failure(&response, target, request) {
                return Err(failure::typed_error(kind, &response, &history));
            }
            let written = output_text(&response, target, mode);
            let violations = match read_value(&response, &written, target, mode, read) {
                Ok(value) => {
                    history.mode = Some(mode);
                    return Ok(TypedResponse::new(value, response, history));
                }
                Err(violations) => violations,
            };
            if let Some(kind) = failure::stopped_early(&response, target) {
                return Err(failure::typed_error(kind, &response, &history));
            }
            if history.repairs.len() >= usize::try_from(options.max_repairs()).unwrap_or(usize::MAX) {
                let kind = failure::mismatch(target, mode, &history, &violations);
                return Err(failure::typed_error(kind, &response, &history));
            }
            next = repair::repair_request(&asked, &written, &violations, target, mode);
            history.repairs.push(Repair { written, violations });
            last = Some(response);
        }
    }
    // Not reached: the last mode returns its own error.
    Err(ModelsError::unsupported(driver.provider_name(), "a typed answer", "allow another mode").into())
}

/// The modes to try: those that were asked for, without those that the catalogue says nobody has.
pub(super) async fn modes<D>(
    driver: &D,
    request: &GenerateRequest,
    options: &TypedOptions,
) -> Result<Vec<TypedMode>, BotticelliError>
where
    D: BotticelliDriver + ?Sized,
{
    reject_conflicting_fields(request)?;
    options.validate()?;
    let wanted = options.modes().to_vec();
    if !options.uses_catalog() {
        return Ok(wanted);
    }
    let model = request.model().unwrap_or(driver.model_name());
    let Ok(Some(info)) = driver.model_info(model).await else { return Ok(wanted) };
    let possible: Vec<_> =
        wanted.iter().copied().filter(|mode| !is_impossible(*mode, model, &info)).collect();
    Ok(if possible.is_empty() { wanted } else { possible })
}

/// Whether the catalogue says of everyone who may serve the model that they do not have this mode.
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
