//! Two parts of a schema in one, which takes what both take.

use serde_json::{Map, Value};
use std::cmp::Ordering;

/// A part of a schema without references.
#[derive(Clone, Debug, Default)]
pub(super) struct ResolvedSchema {
    /// Its keywords, without `anyOf` and `oneOf`.
    pub(super) words: Map<String, Value>,
    /// The variants of each `anyOf` and `oneOf`: of each group, one has to fit.
    pub(super) groups: Vec<Vec<Value>>,
}

/// Why two parts have no common target.
#[derive(Debug)]
pub(super) enum Conflict {
    /// No value fits both.
    Nothing(Value),
    /// Some may, but there is no way to say which.
    Unknown(Value),
}

impl ResolvedSchema {
    /// The part with these keywords.
    pub(super) fn of(mut words: Map<String, Value>) -> Self {
        let mut groups = Vec::new();
        for word in ["oneOf", "anyOf"] {
            if let Some(Value::Array(variants)) = words.shift_remove(word) {
                groups.push(variants);
            }
        }
        Self { words, groups }
    }
}

/// Both in one; where they can stand only once, as descriptions, what is nearer counts.
pub(super) fn merge(far: ResolvedSchema, near: ResolvedSchema) -> Result<ResolvedSchema, Conflict> {
    let mut both = far.words;
    for (word, value) in near.words {
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
                // What is checked here in any case, and told as a hint.
                let wanted = match word {
                    "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                        Some(Ordering::Less)
                    }
                    "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                        Some(Ordering::Greater)
                    }
                    _ => None,
                };
                let order = mine.as_f64().zip(value.as_f64()).and_then(|(a, b)| a.partial_cmp(&b));
                if wanted.is_none() || order == wanted {
                    *mine = value;
                }
            }
        }
    }
    let mut groups = far.groups;
    groups.extend(near.groups);
    Ok(ResolvedSchema { words: both, groups })
}

/// The nearer ones come first: the tag of a variant before its fields. One that both name has to fit both.
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

/// The types that both allow; `None` where there is none.
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
