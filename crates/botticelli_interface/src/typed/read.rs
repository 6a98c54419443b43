//! The value in a response.

use super::find_values::{FoundValues, find_values};
use super::target_schema::{TargetSchema, WRAP};
use super::{TypedMode, Violation, normalize};
use crate::error_location::locate_error;
use botticelli_core::{FinishReason, GenerateResponse};
use serde_json::Value;
use std::cmp::Reverse;

/// A function that converts a valid value to the type of the caller.
pub(super) type Reader<T> = fn(&Value) -> Result<T, String>;

/// Returns the model's output: the arguments of its call for the mode `tool_call`, otherwise its text.
pub(super) fn output_text(response: &GenerateResponse, target: &TargetSchema, mode: TypedMode) -> String {
    if mode == TypedMode::ToolCall {
        let mut calls = response.tool_calls();
        let first = calls.next();
        let named = first.into_iter().chain(calls).find(|call| call.name() == target.name);
        if let Some(call) = named.or(first) {
            return call.arguments_text().to_owned();
        }
    }
    // Some models write the arguments as text instead of calling the tool.
    response.text().into_owned()
}

/// Returns the value in a response with the output `written`, or the violations of its schema.
pub(super) fn read_value<T>(
    response: &GenerateResponse,
    written: &str,
    target: &TargetSchema,
    mode: TypedMode,
    read: Reader<T>,
) -> Result<T, Vec<Violation>> {
    let found = value_in_text(written, target, read);
    let is_whole = matches!(response.finish_reason(), FinishReason::Stop | FinishReason::Unspecified);
    if found.is_err()
        && target.is_text
        && mode == TypedMode::Prompt
        && is_whole
        && let Some(text) = plain_text(written)
        && let Ok(value) = check_and_read(Value::String(text.to_owned()), "", target, read)
    {
        return Ok(value);
    }
    if found.is_err()
        && is_whole
        && written.trim().is_empty()
        && response.refusal().is_none()
        && let Some(value) = value_in_reasoning(&response.reasoning(), target, read)
    {
        return Ok(value);
    }
    found
}

/// Returns the value at the end of the reasoning, for a response without text.
///
/// A server that finds no tags around the reasoning treats all output as reasoning. Values before the end may be drafts.
fn value_in_reasoning<T>(reasoning: &str, target: &TargetSchema, read: Reader<T>) -> Option<T> {
    let FoundValues { mut values, is_alone, is_last, .. } = find_values(reasoning);
    let value = values.pop().filter(|value| is_last && (value.is_object() || value.is_array()))?;
    if !is_alone && count_properties(&value, target) == 0 {
        return None;
    }
    candidates(value, target)
        .into_iter()
        .find_map(|(around, value)| check_and_read(value, around, target, read).ok())
}

/// Returns the text if it contains nothing that looks like JSON.
fn plain_text(written: &str) -> Option<&str> {
    let text = written.trim();
    let is_json = text.is_empty()
        || text == "null"
        || text.starts_with(['[', '"'])
        || text.contains('{')
        || text.contains("```");
    (!is_json).then_some(text)
}

/// Returns the value in the output, or the violations of its schema.
fn value_in_text<T>(written: &str, target: &TargetSchema, read: Reader<T>) -> Result<T, Vec<Violation>> {
    let FoundValues { mut values, is_alone, error, .. } = find_values(written);
    // The value with the most properties wins. Of several, the last wins, because models correct themselves.
    values.reverse();
    values.sort_by_key(|value| Reverse(count_properties(value, target)));
    let may_be_empty = is_alone || (target.properties.is_empty() && !target.is_wrapped);
    let mut first_violations = None;
    for candidate in values {
        let is_bare = target.is_wrapped && candidate.is_object() && candidate.get(WRAP).is_none();
        let is_empty = !may_be_empty && count_properties(&candidate, target) == 0;
        for (around, value) in candidates(candidate, target) {
            match check_and_read(value, around, target, read) {
                Ok(_) if is_empty => {
                    first_violations.get_or_insert_with(|| {
                        vec![Violation::new("", "the answer contains an empty value and other JSON")]
                    });
                }
                Ok(value) => return Ok(value),
                Err(mut violations) => {
                    if is_bare {
                        violations
                            .insert(0, Violation::new("", format!("\"{WRAP}\" is a required property")));
                    }
                    first_violations.get_or_insert(violations);
                }
            }
        }
    }
    Err(first_violations.unwrap_or_else(|| {
        let reason = error.map(|error| format!(" ({error})")).unwrap_or_default();
        vec![Violation::new("", format!("the answer is not valid JSON{reason}"))]
    }))
}

/// Returns the number of schema properties in a value, including null ones.
///
/// If all properties are optional, nearly any value matches, so only this number identifies the best one.
fn count_properties(value: &Value, target: &TargetSchema) -> usize {
    if target.is_wrapped {
        return match value.get(WRAP) {
            Some(inner) => 2 + usize::from(!is_empty(inner)),
            None => usize::from(!is_empty(value)),
        };
    }
    let names = value.as_object().into_iter().flat_map(|fields| fields.keys());
    names.filter(|name| target.properties.is_empty() || target.properties.contains(name)).count()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Validates a value and converts it.
///
/// An invalid value is normalized: floats become integers, and null properties are removed, by which a strict schema marks missing
/// properties.
fn check_and_read<T>(
    value: Value,
    around: &str,
    target: &TargetSchema,
    read: Reader<T>,
) -> Result<T, Vec<Violation>> {
    let mut value = value;
    let mut violations = target.validator.violations(&value, around);
    if !violations.is_empty() && target.validator.is_too_deep(&value) {
        return Err(violations);
    }
    if !violations.is_empty() {
        value = normalize::with_integers(&target.validator.inner, value);
        violations = target.validator.violations(&value, around);
        if !violations.is_empty() {
            value = normalize::without_invalid_nulls(&target.validator.inner, value);
            if !target.validator.violations(&value, around).is_empty() {
                return Err(violations);
            }
        }
    }
    read(&value).map_err(|reason| {
        let place = locate_error(&value, &reason, read);
        vec![Violation::new(format!("{around}{place}"), reason)]
    })
}

/// Returns the values to try, each with its path: the value inside of the wrapping object, and the value itself.
fn candidates(value: Value, target: &TargetSchema) -> Vec<(&'static str, Value)> {
    if !target.is_wrapped {
        return vec![("", value)];
    }
    match value.get(WRAP).cloned() {
        Some(inner) => vec![(WRAPPED, inner), ("", value)],
        None => vec![("", value)],
    }
}

const WRAPPED: &str = "/value";
