//! References, replaced by what they refer to.

use super::strict::refused;
use botticelli_error::BotticelliError;
use serde_json::{Map, Value};

/// Looks references up in a schema, and remembers those that it is inside of.
pub(super) struct Inliner<'a> {
    root: &'a Value,
    /// The references around the part that is being looked at.
    open: Vec<String>,
}

impl<'a> Inliner<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, open: vec!["#".to_owned()] }
    }

    /// How many references are open; [`close`](Self::close) takes it.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Leaves the references that were opened since.
    pub(super) fn close(&mut self, depth: usize) {
        self.open.truncate(depth);
    }

    /// The part without `$ref` and `allOf`: what they say is in it.
    pub(super) fn whole(&mut self, part: &Value, place: &str) -> Result<Map<String, Value>, BotticelliError> {
        let Value::Object(part) = part else {
            return match part {
                Value::Bool(true) => Ok(Map::new()),
                other => Err(refused(place, other, "nothing fits it", "leave it out of the schema")),
            };
        };
        let mut whole = part.clone();
        while let Some(reference) = whole.shift_remove("$ref") {
            let target = self.follow(&reference, place)?;
            whole = merged(target, whole, place)?;
        }
        if let Some(Value::Array(parts)) = whole.shift_remove("allOf") {
            for part in &parts {
                let part = self.whole(part, place)?;
                whole = merged(part, whole, place)?;
            }
        }
        Ok(whole)
    }

    fn follow(&mut self, reference: &Value, place: &str) -> Result<Map<String, Value>, BotticelliError> {
        let name = reference.as_str().unwrap_or_default();
        if self.open.iter().any(|open| open == name) {
            let remedy = "say how deep it goes with types of their own, keep a list of parts that name each other, or do \
                          without the strict form: TypedOptions::with_strict(false)";
            return Err(refused(
                place,
                reference,
                "the type holds itself, and a strict form has an end",
                remedy,
            ));
        }
        let target = name.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
        match target {
            Some(Value::Object(target)) => {
                self.open.push(name.to_owned());
                Ok(target.clone())
            }
            Some(Value::Bool(true)) => Ok(Map::new()),
            _ => {
                let remedy = "refer to a part of the same schema, as #/$defs/Guest";
                Err(refused(place, reference, "there is no such part", remedy))
            }
        }
    }
}

/// Both in one; where they can stand only once, what is nearer counts.
pub(super) fn merged(
    far: Map<String, Value>,
    near: Map<String, Value>,
    place: &str,
) -> Result<Map<String, Value>, BotticelliError> {
    let mut both = far;
    for (word, value) in near {
        match (word.as_str(), both.get_mut(&word), value) {
            (_, None, value) => {
                both.insert(word, value);
            }
            ("properties", Some(Value::Object(mine)), Value::Object(theirs)) => {
                // The nearer ones come first: the tag of a variant before its fields.
                let far = std::mem::replace(mine, theirs);
                for (name, property) in far {
                    mine.entry(name).or_insert(property);
                }
            }
            ("required", Some(Value::Array(mine)), Value::Array(theirs)) => {
                mine.extend(theirs.into_iter().filter(|name| !far_has(mine, name)).collect::<Vec<_>>());
            }
            ("type" | "enum" | "const" | "items" | "prefixItems" | "anyOf" | "oneOf", Some(mine), value)
                if *mine != value =>
            {
                let remedy = "say it in one place, or do without the strict form";
                return Err(refused(place, &value, "two parts of the schema say different things", remedy));
            }
            (_, Some(mine), value) => *mine = value,
        }
    }
    Ok(both)
}

fn far_has(names: &[Value], name: &Value) -> bool {
    names.contains(name)
}
