//! The intersection of two parts of a schema.

use serde_json::{Map, Value};
use std::cmp::Ordering;

/// A part of a schema without references.
#[derive(Clone, Debug, Default)]
pub(super) struct ResolvedSchema {
    /// The keywords except `anyOf` and `oneOf`.
    pub(super) keywords: Map<String, Value>,
    /// The variants of each `anyOf` and `oneOf`. One variant of each group must match.
    pub(super) groups: Vec<Vec<Value>>,
}

/// The reason why two parts have no intersection.
#[derive(Debug)]
pub(super) enum Conflict {
    /// No value matches both parts.
    Nothing(Value),
    /// Some values may match both parts, but the schema cannot express which.
    Unknown(Value),
}

impl ResolvedSchema {
    /// Returns the part with these keywords.
    pub(super) fn of(mut keywords: Map<String, Value>) -> Self {
        let mut groups = Vec::new();
        for word in ["oneOf", "anyOf"] {
            if let Some(Value::Array(variants)) = keywords.shift_remove(word) {
                groups.push(variants);
            }
        }
        Self { keywords, groups }
    }
}

/// Returns a part that matches what both parts match. For keywords such as descriptions, the nearer part wins.
pub(super) fn merge(far: ResolvedSchema, near: ResolvedSchema) -> Result<ResolvedSchema, Conflict> {
    let mut both = far.keywords;
    for (word, value) in near.keywords {
        let Some(mine) = both.get_mut(&word) else {
            both.insert(word, value);
            continue;
        };
        if *mine == value && word != "properties" {
            continue;
        }
        match (word.as_str(), mine, value) {
            ("properties", Value::Object(mine), Value::Object(theirs)) => join_properties(mine, theirs),
            ("required", Value::Array(mine), Value::Array(theirs)) => {
                let new: Vec<_> = theirs.into_iter().filter(|name| !mine.contains(name)).collect();
                mine.extend(new);
            }
            ("type", mine, value) => match common_types(mine, &value) {
                Some(common) => *mine = common,
                None => return Err(Conflict::Nothing(value)),
            },
            ("enum", Value::Array(mine), Value::Array(theirs)) => {
                mine.retain(|word| theirs.contains(word));
                if mine.is_empty() {
                    return Err(Conflict::Nothing(theirs.into()));
                }
            }
            ("const", _, value) => return Err(Conflict::Nothing(value)),
            ("items", mine @ (Value::Object(_) | Value::Bool(_)), theirs)
                if theirs.is_object() || theirs.is_boolean() =>
            {
                *mine = both_of(mine.take(), theirs);
            }
            ("items" | "prefixItems", _, value) => return Err(Conflict::Unknown(value)),
            ("additionalProperties" | "unevaluatedProperties", mine, value) => {
                *mine = if is_false(mine) || is_false(&value) { false.into() } else { value };
            }
            (word, mine, value) => {
                // The tighter bound wins. The validator checks both in any case.
                let tighter = match word {
                    "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                        Some(Ordering::Less)
                    }
                    "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                        Some(Ordering::Greater)
                    }
                    _ => None,
                };
                let order = mine.as_f64().zip(value.as_f64()).and_then(|(a, b)| a.partial_cmp(&b));
                if tighter.is_none() || order == tighter {
                    *mine = value;
                }
            }
        }
    }
    let mut groups = far.groups;
    groups.extend(near.groups);
    Ok(ResolvedSchema { keywords: both, groups })
}

/// Merges properties. The nearer properties come first, so that the tag of a variant precedes its fields. A common property must
/// match both schemas.
fn join_properties(mine: &mut Map<String, Value>, theirs: Map<String, Value>) {
    let far = std::mem::replace(mine, theirs);
    for (name, property) in far {
        match mine.get_mut(&name) {
            Some(near) if *near != property => *near = both_of(property, near.take()),
            Some(_) => {}
            None => {
                mine.insert(name, property);
            }
        }
    }
}

fn both_of(far: Value, near: Value) -> Value {
    let mut both = Map::new();
    both.insert("allOf".to_owned(), Value::Array(vec![far, near]));
    Value::Object(both)
}

fn is_false(value: &Value) -> bool {
    matches!(value, Value::Bool(false))
}

/// Returns the types that both parts allow; `None` if they have no common type.
fn common_types(mine: &Value, theirs: &Value) -> Option<Value> {
    let theirs = kinds(theirs);
    let mut common: Vec<&str> = Vec::new();
    for kind in kinds(mine) {
        let kind = match kind {
            kind if theirs.contains(&kind) => kind,
            "integer" if theirs.contains(&"number") => "integer",
            "number" if theirs.contains(&"integer") => "integer",
            _ => continue,
        };
        if !common.contains(&kind) {
            common.push(kind);
        }
    }
    match common.as_slice() {
        [] => None,
        [one] => Some((*one).into()),
        several => Some(several.iter().map(|kind| Value::from(*kind)).collect()),
    }
}

fn kinds(kind: &Value) -> Vec<&str> {
    match kind {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    }
}
