//! References and `allOf`, replaced by what they say.

use super::merge::{Conflict, ResolvedSchema, merge};
use super::recursion::Recursion;
use super::reference::{pointer, target};
use super::strict::{StrictError, schema_error};
use serde_json::Value;

/// The most parts of a schema, references replaced: types that use others twice grow fast.
const MOST_PARTS: usize = 5_000;
/// How often references and `allOf` may lead to the next before there is a type.
const DEEPEST: usize = 200;

/// Looks references up in a schema, and remembers those that it is inside of.
pub(super) struct Inliner<'a> {
    root: &'a Value,
    /// The references around the part that is being looked at, and perhaps some beside it.
    open: Vec<String>,
    recursion: Recursion<'a>,
    parts: usize,
}

impl<'a> Inliner<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, open: vec![String::new()], recursion: Recursion::of(root), parts: 0 }
    }

    /// How many references are open; [`close`](Self::close) takes it.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Leaves the references that were opened since.
    pub(super) fn close(&mut self, depth: usize) {
        self.open.truncate(depth);
    }

    /// Counts a part, and refuses a schema that has too many of them.
    pub(super) fn count(&mut self, place: &str) -> Result<(), StrictError> {
        self.parts = self.parts.saturating_add(1);
        if self.parts > MOST_PARTS { Err(too_large(place)) } else { Ok(()) }
    }

    /// The part without `$ref` and `allOf`: what they say is in it.
    pub(super) fn resolve(&mut self, part: &Value, place: &str) -> Result<ResolvedSchema, StrictError> {
        self.resolve_at(part, place, 0)
    }

    fn resolve_at(&mut self, part: &Value, place: &str, depth: usize) -> Result<ResolvedSchema, StrictError> {
        let Value::Object(part) = part else {
            return match part {
                Value::Bool(true) => Ok(ResolvedSchema::default()),
                other => Err(StrictError::Impossible(schema_error(
                    place,
                    other,
                    "nothing fits it",
                    "leave it out of the schema",
                ))),
            };
        };
        if depth > DEEPEST {
            return Err(too_large(place));
        }
        let deeper = depth.saturating_add(1);
        let mut near = part.clone();
        let reference = near.shift_remove("$ref");
        let parts = near.shift_remove("allOf");
        let mut whole = ResolvedSchema::of(near);
        if let Some(reference) = reference {
            let target = self.follow(&reference, place)?;
            self.count(place)?;
            let target = self.resolve_at(target, place, deeper)?;
            whole = merge(target, whole).map_err(|conflict| fault(conflict, place))?;
        }
        if let Some(Value::Array(parts)) = parts {
            for part in &parts {
                self.count(place)?;
                let part = self.resolve_at(part, place, deeper)?;
                whole = merge(part, whole).map_err(|conflict| fault(conflict, place))?;
            }
        }
        Ok(whole)
    }

    fn follow(&mut self, reference: &Value, place: &str) -> Result<&'a Value, StrictError> {
        let written = reference.as_str().unwrap_or_default();
        let name = pointer(written).map_or_else(|| written.to_owned(), std::borrow::Cow::into_owned);
        let Some(target @ (Value::Object(_) | Value::Bool(true))) = target(self.root, written) else {
            let remedy = "refer to a part of the same schema, as #/$defs/Guest";
            return Err(StrictError::Error(schema_error(place, reference, "there is no such part", remedy)));
        };
        // What is used twice, side by side, does not hold itself.
        if self.open.contains(&name) && self.recursion.is_recursive(target) {
            let remedy = "say how deep it goes with types of their own, keep a list of parts that name each other, or do \
                          without the strict target: TypedOptions::with_strict(false)";
            return Err(StrictError::Error(schema_error(
                place,
                reference,
                "the type holds itself, and a strict form has an end",
                remedy,
            )));
        }
        if !self.open.contains(&name) {
            self.open.push(name);
        }
        Ok(target)
    }
}

pub(super) fn fault(conflict: Conflict, place: &str) -> StrictError {
    let (reason, remedy) = (
        "two parts of the schema say different things",
        "say it in one place, or do without the strict form",
    );
    match conflict {
        Conflict::Unknown(value) => StrictError::Error(schema_error(place, &value, reason, remedy)),
        Conflict::Nothing(value) => StrictError::Impossible(schema_error(place, &value, reason, remedy)),
    }
}

pub(super) fn too_large(place: &str) -> StrictError {
    StrictError::Error(schema_error(
        place,
        &Value::from("…"),
        "the schema is too large",
        "take a smaller type",
    ))
}
