//! The recursion depth of a validation.
//!
//! Validation is recursive: every nested schema and every reference adds a level. This module measures a schema without recursion
//! before anything else walks it. A schema that would overflow the stack is an error. With a recursive schema, a value that is
//! nested too deeply is rejected too.

use super::reference::target;
use super::schema_error::schema_error;
use botticelli_error::BotticelliError;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The maximum number of levels. A thread with a stack of 2 MiB supports slightly more than 1,000 in an unoptimized build.
const MAX_LEVELS: usize = 800;
/// The maximum number of schemas in a schema.
const MAX_SCHEMAS: usize = 10_000;

/// Keywords with a schema for the same value.
const SAME: [&str; 9] = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"];
/// Keywords with schemas for a part of the value, or with named schemas.
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

/// The number of levels of a validation.
#[derive(Clone, Copy, Debug)]
pub(super) struct SchemaDepth {
    /// The levels for a single value.
    same: usize,
    /// `true` if the schema is recursive. The depth of the value then counts too.
    is_recursive: bool,
}

impl SchemaDepth {
    /// Measures `schema`.
    pub(super) fn of(schema: &Value) -> Result<Self, BotticelliError> {
        let graph = Graph::of(schema)?;
        let Some(same) = graph.longest(|edge| edge.is_same) else {
            let reason = "one of its references leads back to itself without a type";
            return Err(depth_error(reason, "refer to a type"));
        };
        let whole = graph.longest(|_| true);
        if same.max(whole.unwrap_or(0)) > MAX_LEVELS {
            let reason = "its chain of references is too long";
            return Err(depth_error(reason, "use a simpler type, or replace references by their targets"));
        }
        Ok(Self { same: same + 1, is_recursive: whole.is_none() })
    }

    /// Returns whether `value` is nested too deeply to be validated.
    pub(super) fn is_too_deep(self, value: &Value) -> bool {
        self.is_recursive && self.same * depth(value) > MAX_LEVELS
    }
}

#[track_caller]
fn depth_error(reason: &'static str, remedy: &'static str) -> BotticelliError {
    schema_error("schema", &Value::from("…"), reason, remedy)
}

#[derive(Clone, Copy)]
struct Edge {
    to: usize,
    is_same: bool,
}

/// The reachable schemas of a schema, each with its edges to other schemas.
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
            if parts.len() > MAX_SCHEMAS {
                return Err(depth_error("the schema is too large", "use a smaller type"));
            }
        }
        Ok(Self(edges))
    }

    /// Returns the number of levels of the longest path along the followed edges; `None` if there is a cycle.
    fn longest(&self, is_followed: fn(&Edge) -> bool) -> Option<usize> {
        let mut levels: Vec<Level> = vec![Level::Unknown; self.0.len()];
        for start in 0..self.0.len() {
            let mut path = vec![start];
            while let Some(here) = path.last().copied() {
                if matches!(levels.get(here)?, Level::Known(_)) {
                    path.pop();
                    continue;
                }
                let is_back = matches!(levels.get(here)?, Level::Open);
                *levels.get_mut(here)? = Level::Open;
                let mut most = 0;
                let mut is_complete = true;
                for edge in self.0.get(here)?.iter().filter(|edge| is_followed(edge)) {
                    match levels.get(edge.to)? {
                        Level::Known(level) => most = most.max(level + 1),
                        // On the second visit, an unknown level means a cycle.
                        Level::Open => return None,
                        Level::Unknown if is_back => return None,
                        Level::Unknown => {
                            path.push(edge.to);
                            is_complete = false;
                        }
                    }
                }
                if is_complete {
                    *levels.get_mut(here)? = Level::Known(most);
                    path.pop();
                }
            }
        }
        levels.into_iter().map(|level| if let Level::Known(level) = level { level } else { 0 }).max()
    }
}

#[derive(Clone, Copy)]
enum Level {
    Unknown,
    /// The schema is on the current path.
    Open,
    Known(usize),
}

/// Returns the schemas that `part` leads to, each with `true` if it applies to the same value.
fn children<'a>(part: &'a Value, root: &'a Value) -> Vec<(&'a Value, bool)> {
    let Value::Object(keywords) = part else { return Vec::new() };
    let mut children = Vec::new();
    for (keyword, value) in keywords {
        let is_same = SAME.contains(&keyword.as_str());
        if !is_same && !INNER.contains(&keyword.as_str()) {
            continue;
        }
        match value {
            Value::String(reference) => {
                children.extend(target(root, reference).map(|target| (target, true)));
            }
            Value::Array(schemas) => children.extend(schemas.iter().map(|schema| (schema, is_same))),
            Value::Object(schemas) if is_by_name(keyword) => {
                children.extend(named(schemas).map(|schema| (schema, keyword == "dependentSchemas")));
            }
            schema => children.push((schema, is_same)),
        }
    }
    children
}

fn is_by_name(keyword: &str) -> bool {
    matches!(keyword, "properties" | "patternProperties" | "dependentSchemas" | "dependencies")
}

fn named(schemas: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    schemas.values().filter(|schema| schema.is_object())
}

/// Returns the nesting depth of `value`, without recursion.
fn depth(value: &Value) -> usize {
    let mut deepest = 0_usize;
    let mut pending = vec![(value, 1_usize)];
    while let Some((value, depth)) = pending.pop() {
        deepest = deepest.max(depth);
        let deeper = depth + 1;
        match value {
            Value::Array(items) => pending.extend(items.iter().map(|item| (item, deeper))),
            Value::Object(fields) => pending.extend(fields.values().map(|field| (field, deeper))),
            _ => {}
        }
    }
    deepest
}
