//! Typed calls: send the request, check the response, and repair it.

use super::history::{Fallback, History, Repair};
use super::mode_selection::select_modes;
use super::read::{Reader, output_text, read_value};
use super::target_schema::TargetSchema;
use super::typed_response::TypedResponse;
use super::{TypedMode, TypedOptions, failure, mode_request, repair};
use crate::BotticelliDriver;
use botticelli_core::{GenerateRequest, OutputSchema};
use botticelli_error::{BotticelliError, ModelsError};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Returns a value of type `T`.
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
    let modes = select_modes(driver, &request, options).await?;
    extract(driver, &request, &target, options, modes, read_as::<T>).await
}

/// Returns a value that matches `schema`.
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
    let modes = select_modes(driver, &request, options).await?;
    extract(driver, &request, &target, options, modes, |value| Ok(value.clone())).await
}

pub(super) fn read_as<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

/// Sends the request in the first of the modes that the service supports, and repairs the response.
pub(super) async fn extract<D, T>(
    driver: &D,
    request: &GenerateRequest,
    target: &TargetSchema,
    options: &TypedOptions,
    modes: Vec<TypedMode>,
    read: Reader<T>,
) -> Result<TypedResponse<T>, BotticelliError>
where
    D: BotticelliDriver + ?Sized,
{
    let mut history = History::default();
    let mut modes = modes.into_iter().peekable();
    while let Some(mode) = modes.next() {
        let first_request = mode_request::request_for_mode(request, target, mode)?;
        let mut next = first_request.clone();
        let mut last = None;
        let mut is_second_attempt = false;
        loop {
            let response = match driver.generate(next.clone()).await {
                Ok(response) => response,
                Err(error) if !is_second_attempt && failure::allows_second_attempt(&error) => {
                    is_second_attempt = true;
                    history.second_attempts += 1;
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
            next = repair::repair_request(&first_request, &written, &violations, target, mode);
            history.repairs.push(Repair { written, violations });
            last = Some(response);
        }
    }
    // Unreachable, because the last mode returns its own error.
    Err(ModelsError::unsupported(driver.provider_name(), "a typed response", "allow another mode").into())
}
