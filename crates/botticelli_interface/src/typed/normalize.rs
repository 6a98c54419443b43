//! What may be set right in an answer without asking again, because it says the same.
//!
//! Two things only, and only at places that do not fit the schema: a property that is null is left out, by which a strict
//! form says that something is missing; and `3.0` becomes `3` where an integer is wanted. A null that fits stays.

use super::integers::EXACT;
use crate::whole_number::integer_value;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

/// How often a value is looked at again after it was changed: a change may bring another place to light, inside of a variant.
const ROUNDS: usize = 16;

/// A change that lets a value fit.
#[derive(Debug, PartialEq, Eq)]
enum Change {
    /// Leaves out the property at this place.
    LeaveOut(String),
    /// Writes the number at this place as an integer.
    Integer(String),
}

/// `value`, with integers that were written as floats.
pub(super) fn with_integers(validator: &Validator, value: Value) -> Value {
    normalized(validator, value, false)
}

/// `value`, also without the nulls that do not fit.
pub(super) fn without_invalid_nulls(validator: &Validator, value: Value) -> Value {
    normalized(validator, value, true)
}

fn normalized(validator: &Validator, mut value: Value, drops_nulls: bool) -> Value {
    for _ in 0..ROUNDS {
        let mut changes = Vec::new();
        for error in validator.iter_errors(&value) {
            // As much as can be: what is left over is told.
            let _ = find(&error, &value, drops_nulls, &mut changes);
        }
        if changes.is_empty() {
            break;
        }
        for change in changes {
            apply(&mut value, &change);
        }
    }
    value
}

/// Adds the changes that heal `error`, and says whether they do.
fn find(error: &ValidationError<'_>, root: &Value, drops_nulls: bool, changes: &mut Vec<Change>) -> bool {
    let place = error.instance_path().as_str();
    let Some(value) = root.pointer(place) else { return false };
    if value.is_null() {
        let is_property = is_property(root, place);
        if drops_nulls && is_property {
            changes.push(Change::LeaveOut(place.to_owned()));
        }
        return drops_nulls && is_property;
    }
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            // The first variant that fits with such changes alone.
            context.iter().any(|errors| {
                let mut inner = Vec::new();
                let is_healed = errors.iter().all(|error| find(error, root, drops_nulls, &mut inner));
                if is_healed {
                    changes.append(&mut inner);
                }
                is_healed
            })
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let is_null = |name: &String| value.get(name).is_some_and(Value::is_null);
            if drops_nulls {
                let nulls = unexpected.iter().filter(|name| is_null(name));
                changes.extend(nulls.map(|name| Change::LeaveOut(format!("{place}/{}", escaped(name)))));
            }
            drops_nulls && unexpected.iter().all(is_null)
        }
        ValidationErrorKind::Custom { keyword, .. } if keyword == EXACT => {
            let is_whole = value.as_number().is_some_and(|number| integer_value(number).is_some());
            if is_whole {
                changes.push(Change::Integer(place.to_owned()));
            }
            is_whole
        }
        _ => false,
    }
}

/// Whether the value at `place` is a property of an object.
fn is_property(root: &Value, place: &str) -> bool {
    let around = place.rsplit_once('/').and_then(|(around, _)| root.pointer(around));
    around.is_some_and(Value::is_object)
}

fn apply(root: &mut Value, change: &Change) {
    match change {
        Change::LeaveOut(place) => {
            let Some((around, name)) = place.rsplit_once('/') else { return };
            if let Some(Value::Object(fields)) = root.pointer_mut(around) {
                fields.shift_remove(&unescaped(name));
            }
        }
        Change::Integer(place) => {
            if let Some(Value::Number(number)) = root.pointer_mut(place)
                && let Some(integer) = integer_value(number)
            {
                *number = integer;
            }
        }
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
