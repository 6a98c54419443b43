//! The JSON in an answer.

use super::form::{Form, WRAP};
use super::{TypedMode, Violation, check};
use botticelli_core::GenerateResponse;
use serde_json::{Deserializer, Value};

/// Reads a value that fits its schema as what the caller wants; an error says why it cannot be.
pub(super) type Reader<T> = fn(Value) -> Result<T, String>;

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

/// The value in what the model wrote, or what is wrong with it.
pub(super) fn value<T>(written: &str, form: &Form, read: Reader<T>) -> Result<T, Vec<Violation>> {
    let found = match candidates(written) {
        Ok(found) => found,
        Err(error) => return Err(vec![Violation::new("", format!("it is no JSON ({error})"))]),
    };
    let mut wrong = None;
    // The last one counts: models correct themselves.
    for candidate in found.into_iter().rev() {
        let is_bare = form.is_wrapped && candidate.is_object() && candidate.get(WRAP).is_none();
        for (around, value) in unwrapped(candidate, form) {
            match fitting(value, around, form, read) {
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
    Err(wrong.unwrap_or_default())
}

/// The value as it is; else without its nulls, by which a strict form says that something is missing.
fn fitting<T>(value: Value, around: &str, form: &Form, read: Reader<T>) -> Result<T, Vec<Violation>> {
    let violations = check::violations(&form.validator, &value, around);
    if violations.is_empty() {
        return read(value).map_err(|reason| vec![Violation::new(around, reason)]);
    }
    let bare = without_nulls(value);
    if check::violations(&form.validator, &bare, around).is_empty()
        && let Ok(value) = read(bare)
    {
        return Ok(value);
    }
    Err(violations)
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        value => value,
    }
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
/// The most values that are looked for in one text.
const MOST: usize = 32;

/// The whole text as JSON, else every value in it that begins with a bracket, in order; else why it is none.
fn candidates(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    let error = match serde_json::from_str(text.trim()) {
        // Some models write JSON as a JSON string.
        Ok(Value::String(inner)) => match serde_json::from_str::<Value>(&inner) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => return Ok(vec![Value::String(inner), value]),
            _ => return Ok(vec![Value::String(inner)]),
        },
        Ok(value) => return Ok(vec![value]),
        Err(error) => error,
    };
    let mut found = Vec::new();
    let mut rest = text;
    for _ in 0..MOST {
        let Some(begin) = rest.find(['{', '[']).and_then(|at| rest.get(at..)) else { break };
        let mut values = Deserializer::from_str(begin).into_iter::<Value>();
        let read = values.next();
        let next = match read {
            Some(Ok(value)) => {
                found.push(value);
                values.byte_offset()
            }
            _ => 1,
        };
        rest = begin.get(next..).unwrap_or_default();
    }
    if found.is_empty() { Err(error) } else { Ok(found) }
}
