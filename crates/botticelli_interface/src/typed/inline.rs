//! Replacement of references and `allOf` by their content.

use super::merge::{ResolvedSchema, merge};
use super::recursion::Recursion;
use super::reference::{pointer, target};
use super::schema_error::{StrictError, conflict_error, schema_error, too_large};
use serde_json::Value;

/// The maximum number of parts after the replacement. Types that use other types twice grow fast.
const MAX_PARTS: usize = 5_000;
/// The maximum length of a chain of references and `allOf`.
const MAX_DEPTH: usize = 200;

/// The replacement of references in one schema. It tracks the open references to find recursive types.
pub(super) struct Inliner<'a> {
    root: &'a Value,
    /// The references around the current part, and possibly some next to it.
    open: Vec<String>,
    recursion: Recursion<'a>,
    parts: usize,
}

impl<'a> Inliner<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, open: vec![String::new()], recursion: Recursion::of(root), parts: 0 }
    }

    /// Returns the number of open references, as an argument for [`close`](Self::close).
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Closes the references after the first `depth`.
    pub(super) fn close(&mut self, depth: usize) {
        self.open.truncate(depth);
    }

    /// Counts a part, and rejects a schema with too many parts.
    pub(super) fn count(&mut self, place: &str) -> Result<(), StrictError> {
        self.parts += 1;
        if self.parts > MAX_PARTS { Err(too_large(place)) } else { Ok(()) }
    }

    /// Returns the part with the content of its `$ref` and `allOf` merged into it.
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
                    "no value matches it",
                    "remove it from the schema",
                ))),
            };
        };
        if depth > MAX_DEPTH {
            return Err(too_large(place));
        }
        let deeper = depth + 1;
        let mut near = part.clone();
        let reference = near.shift_remove("$ref");
        let parts = near.shift_remove("allOf");
        let mut whole = ResolvedSchema::of(near);
        if let Some(reference) = reference {
            let target = self.follow(&reference, place)?;
            self.count(place)?;
            let target = self.resolve_at(target, place, deeper)?;
            whole = merge(target, whole).map_err(|conflict| conflict_error(conflict, place))?;
        }
        if let Some(Value::Array(parts)) = parts {
            for part in &parts {
                self.count(place)?;
                let part = self.resolve_at(part, place, deeper)?;
                whole = merge(part, whole).map_err(|conflict| conflict_error(conflict, place))?;
            }
        }
        Ok(whole)
    }

    fn follow(&mut self, reference: &Value, place: &str) -> Result<&'a Value, StrictError> {
        let written = reference.as_str().unwrap_or_default();
        let name = pointer(written).map_or_else(|| written.to_owned(), std::borrow::Cow::into_owned);
        let Some(target @ (Value::Object(_) | Value::Bool(true))) = target(self.root, written) else {
            let remedy = "refer to a part of the same schema, as in #/$defs/Guest";
            return Err(StrictError::Error(schema_error(
                place,
                reference,
                "the reference has no target",
                remedy,
            )));
        };
        // An open reference may also stand next to this one, so the type itself is searched.
        if self.open.contains(&name) && self.recursion.is_recursive(target) {
            let remedy = "use a separate type for each level, use a list of parts that name each other, or turn the strict form \
                          off with TypedOptions::with_strict(false), or with OutputSchema::with_strict(false) for your own \
                          schema";
            return Err(StrictError::Error(schema_error(
                place,
                reference,
                "the type is recursive, and a strict schema cannot be",
                remedy,
            )));
        }
        if !self.open.contains(&name) {
            self.open.push(name);
        }
        Ok(target)
    }
}
