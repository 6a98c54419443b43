//! How deep a check has to go.
//!
//! The check of a value is recursive: it goes one level deeper for every schema inside of a schema, and for every
//! reference. A schema is measured here, without recursion, before anything walks it: one that would run out of stack is an
//! error, and so is an answer that would do so by a schema that holds itself.

use super::reference::target;
use super::strict::schema_error;
use botticelli_error::BotticelliError;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The most levels of one check. A thread of 2 MiB bears somewhat more than 1,000 in a build without optimization.
const DEEPEST: usize = 800;
/// The most schemas in a schema.
const MOST: usize = 10_000;

/// Keywords whose schema is about the same value.
const SAME: [&str; 9] = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"];
/// Keywords whose schemas are about a part of the value, or are listed by name.
const INNER: [&str; 13] = [
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "dependentSchemas",
    "items",
    "prefixItems",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "contentSchema",
    "dependencies",
];

/// How many levels a check goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct SchemaDepth {
    /// For one and the same value.
    same: usize,
    /// Whether a schema holds itself, so that the answer decides how deep it goes.
    is_recursive: bool,
}

impl SchemaDepth {
    /// Measures `schema`.
    pub(super) fn of(schema: &Value) -> Result<Self, BotticelliError> {
        let graph = Graph::of(schema)?;
        let Some(same) = graph.longest(|edge| edge.is_same) else {
            let reason = "a part of it refers to itself, and to nothing else";
            return Err(fault(reason, "let the reference lead to a type"));
        };
        let whole = graph.longest(|_| true);
        if same.max(whole.unwrap_or(0)) > DEEPEST {
            let reason = "its references lead from one to the next too often";
            return Err(fault(reason, "take a simpler type, or write the parts in place of the references"));
        }
        Ok(Self { same: same.saturating_add(1), is_recursive: whole.is_none() })
    }

    /// Whether `value` is nested so deeply that it is not checked.
    pub(super) fn is_too_deep(self, value: &Value) -> bool {
        self.is_recursive && self.same.saturating_mul(depth(value)) > DEEPEST
    }
}

#[track_caller]
fn fault(reason: &'static str, remedy: &'static str) -> BotticelliError {
    schema_error("schema", &Value::from("…"), reason, remedy)
}

#[derive(Clone, Copy)]
struct Edge {
    to: usize,
    is_same: bool,
}

/// Every schema inside of a schema that can be reached from it, and where each leads.
struct Graph(Vec<Vec<Edge>>);

impl Graph {
    fn of(root: &Value) -> Result<Self, BotticelliError> {
        let mut numbers: HashMap<*const Value, usize> = HashMap::from([(std::ptr::from_ref(root), 0)]);
        let mut parts = vec![root];
        let mut edges = Vec::new();
        while let Some(part) = parts.get(edges.len()).copied() {
            let mut here = Vec::new();
            for (child, is_same) in children(part, root) {
                let next = parts.len();
                let to = *numbers.entry(std::ptr::from_ref(child)).or_insert(next);
                if to == next {
                    parts.push(child);
                }
                here.push(Edge { to, is_same });
            }
            edges.push(here);
            if parts.len() > MOST {
                return Err(fault("the schema is too large", "take a smaller type"));
            }
        }
        Ok(Self(edges))
    }

    /// How many levels the longest way along `edges` has; `None` where one leads back to where it was.
    fn longest(&self, is_followed: fn(&Edge) -> bool) -> Option<usize> {
        let mut levels: Vec<Level> = vec![Level::Unknown; self.0.len()];
        for start in 0..self.0.len() {
            let mut way = vec![start];
            while let Some(here) = way.last().copied() {
                if matches!(levels.get(here)?, Level::Known(_)) {
                    way.pop();
                    continue;
                }
                let is_back = matches!(levels.get(here)?, Level::Open);
                *levels.get_mut(here)? = Level::Open;
                let mut most = 0;
                let mut is_complete = true;
                for edge in self.0.get(here)?.iter().filter(|edge| is_followed(edge)) {
                    match levels.get(edge.to)? {
                        Level::Known(level) => most = most.max(level.saturating_add(1)),
                        // All that was unknown at the first visit is known at the second, or leads back.
                        Level::Open => return None,
                        Level::Unknown if is_back => return None,
                        Level::Unknown => {
                            way.push(edge.to);
                            is_complete = false;
                        }
                    }
                }
                if is_complete {
                    *levels.get_mut(here)? = Level::Known(most);
                    way.pop();
                }
            }
        }
        levels.into_iter().map(|level| if let Level::Known(level) = level { level } else { 0 }).max()
    }
}

#[derive(Clone, Copy)]
enum Level {
    Unknown,
    /// It is on the way that is followed.
    Open,
    Known(usize),
}

/// The schemas that `part` leads to, and whether they are about the same value.
fn children<'a>(part: &'a Value, root: &'a Value) -> Vec<(&'a Value, bool)> {
    let Value::Object(words) = part else { return Vec::new() };
    let mut children = Vec::new();
    for (word, value) in words {
        let is_same = SAME.contains(&word.as_str());
        if !is_same && !INNER.contains(&word.as_str()) {
            continue;
        }
        match value {
            Value::String(reference) => {
                children.extend(target(root, reference).map(|target| (target, true)));
            }
            Value::Array(schemas) => children.extend(schemas.iter().map(|schema| (schema, is_same))),
            Value::Object(schemas) if is_by_name(word) => {
                children.extend(named(schemas).map(|schema| (schema, word == "dependentSchemas")));
            }
            schema => children.push((schema, is_same)),
        }
    }
    children
}

fn is_by_name(word: &str) -> bool {
    matches!(word, "properties" | "patternProperties" | "dependentSchemas" | "dependencies")
}

fn named(schemas: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    schemas.values().filter(|schema| schema.is_object())
}

/// How deep `value` is nested, found without recursion.
fn depth(value: &Value) -> usize {
    let mut deepest = 0_usize;
    let mut pending = vec![(value, 1_usize)];
    while let Some((value, depth)) = pending.pop() {
        deepest = deepest.max(depth);
        let deeper = depth.saturating_add(1);
        match value {
            Value::Array(items) => pending.extend(items.iter().map(|item| (item, deeper))),
            Value::Object(fields) => pending.extend(fields.values().map(|field| (field, deeper))),
            _ => {}
        }
    }
    deepest
}
