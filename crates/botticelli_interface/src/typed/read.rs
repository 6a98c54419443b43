//! The value in an answer.

use super::find_values::{Found, scan};
use super::target_schema::{Form, WRAP};
use super::{TypedMode, Violation, normalize};
use crate::error_location::blame;
use botticelli_core::{FinishReason, GenerateResponse};
use serde_json::Value;
use std::cmp::Reverse;

/// Reads a value that fits its schema as what the caller wants; an error says why it cannot be.
pub(super) type Reader<T> = fn(&Value) -> Result<T, String>;

/// What the model wrote, in the place where `mode` has it: arguments, or text.
pub(super) fn written(response: &GenerateResponse, form: &Form, mode: TypedMode) -> String {
    if mode == TypedMode::ToolCall {
        let mut calls = response.tool_calls();
        let first = calls.next();
        let named = first.into_iter().chain(calls).find(|call| call.name() == form.name);
        if let Some(call) = named.or(first) {
            return call.arguments_text().to_owned();
        }
    }
    // Also where a tool was to be called: some models write what they should have called it with.
    response.text().into_owned()
}

/// The value in an answer, of which `written` is what counts; or what is wrong with it.
pub(super) fn answer<T>(
    response: &GenerateResponse,
    written: &str,
    form: &Form,
    mode: TypedMode,
    read: Reader<T>,
) -> Result<T, Vec<Violation>> {
    let found = value(written, form, read);
    let is_whole = matches!(response.finish_reason(), FinishReason::Stop | FinishReason::Unspecified);
    if found.is_err()
        && form.is_text
        && mode == TypedMode::Prompt
        && is_whole
        && let Some(text) = plain(written)
        && let Ok(value) = fitting(Value::String(text.to_owned()), "", form, read)
    {
        return Ok(value);
    }
    if found.is_err()
        && is_whole
        && written.trim().is_empty()
        && response.refusal().is_none()
        && let Some(value) = in_reasoning(&response.reasoning(), form, read)
    {
        return Ok(value);
    }
    found
}

/// The value with which the reasoning of an answer without text ends: a server that finds no tags around the reasoning takes all
/// that was written for it. What comes before the end may be a draft.
fn in_reasoning<T>(reasoning: &str, form: &Form, read: Reader<T>) -> Option<T> {
    let Found { mut values, is_alone, is_last, .. } = scan(reasoning);
    let value = values.pop().filter(|value| is_last && (value.is_object() || value.is_array()))?;
    if !is_alone && fullness(&value, form) == 0 {
        return None;
    }
    unwrapped(value, form).into_iter().find_map(|(around, value)| fitting(value, around, form, read).ok())
}

/// A text without anything in it that was to be JSON.
fn plain(written: &str) -> Option<&str> {
    let text = written.trim();
    let is_json = text.is_empty()
        || text == "null"
        || text.starts_with(['[', '"'])
        || text.contains('{')
        || text.contains("```");
    (!is_json).then_some(text)
}

/// The value in what the model wrote, or what is wrong with it.
fn value<T>(written: &str, form: &Form, read: Reader<T>) -> Result<T, Vec<Violation>> {
    let Found { mut values, is_alone, error, .. } = scan(written);
    // The fullest one counts, and of several the last: models correct themselves.
    values.reverse();
    values.sort_by_key(|value| Reverse(fullness(value, form)));
    let may_be_empty = is_alone || (form.properties.is_empty() && !form.is_wrapped);
    let mut wrong = None;
    for candidate in values {
        let is_bare = form.is_wrapped && candidate.is_object() && candidate.get(WRAP).is_none();
        let is_empty = !may_be_empty && fullness(&candidate, form) == 0;
        for (around, value) in unwrapped(candidate, form) {
            match fitting(value, around, form, read) {
                Ok(_) if is_empty => {
                    wrong.get_or_insert_with(|| {
                        vec![Violation::new("", "there is more in the answer than a value that says nothing")]
                    });
                }
                Ok(value) => return Ok(value),
                Err(mut violations) => {
                    if is_bare {
                        violations
                            .insert(0, Violation::new("", format!("\"{WRAP}\" is a required property")));
                    }
                    wrong.get_or_insert(violations);
                }
            }
        }
    }
    Err(wrong.unwrap_or_else(|| {
        let reason = error.map(|error| format!(" ({error})")).unwrap_or_default();
        vec![Violation::new("", format!("it is no JSON{reason}"))]
    }))
}

/// How much of the form a value says, a null as well: in a form of which all is optional, nearly everything fits.
fn fullness(value: &Value, form: &Form) -> usize {
    if form.is_wrapped {
        return match value.get(WRAP) {
            Some(inner) => 2_usize.saturating_add(usize::from(!is_empty(inner))),
            None => usize::from(!is_empty(value)),
        };
    }
    let names = value.as_object().into_iter().flat_map(|fields| fields.keys());
    names.filter(|name| form.properties.is_empty() || form.properties.contains(name)).count()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The value as it is, with integers that were written as floats; else without the nulls that do not fit, by which a strict form
/// says that something is missing.
fn fitting<T>(value: Value, around: &str, form: &Form, read: Reader<T>) -> Result<T, Vec<Violation>> {
    let mut value = value;
    let mut violations = form.check.violations(&value, around);
    if !violations.is_empty() && form.check.is_too_deep(&value) {
        return Err(violations);
    }
    if !violations.is_empty() {
        value = normalize::with_integers(&form.check.validator, value);
        violations = form.check.violations(&value, around);
        if !violations.is_empty() {
            value = normalize::without_unfit_nulls(&form.check.validator, value);
            if !form.check.violations(&value, around).is_empty() {
                return Err(violations);
            }
        }
    }
    read(&value).map_err(|reason| {
        let place = blame(&value, &reason, read);
        vec![Violation::new(format!("{around}{place}"), reason)]
    })
}

/// The value out of the object that was put around it; as it is, where the model left that out.
fn unwrapped(value: Value, form: &Form) -> Vec<(&'static str, Value)> {
    if !form.is_wrapped {
        return vec![("", value)];
    }
    match value.get(WRAP).cloned() {
        Some(inner) => vec![(WRAPPED, inner), ("", value)],
        None => vec![("", value)],
    }
}

const WRAPPED: &str = "/value";
