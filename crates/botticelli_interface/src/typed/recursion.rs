//! Whether a part of a schema holds itself.

use super::reference::target;
use serde_json::Value;
use std::collections::HashSet;

/// Looks for parts that lead back to themselves.
pub(super) struct Recursion<'a> {
    root: &'a Value,
}

impl<'a> Recursion<'a> {
    pub(super) fn of(root: &'a Value) -> Self {
        Self { root }
    }

    /// Whether `part` refers to itself, through whatever other parts.
    pub(super) fn is_recursive(&self, part: &'a Value) -> bool {
        let mut known: HashSet<*const Value> = HashSet::new();
        let mut pending = vec![part];
        while let Some(here) = pending.pop() {
            for child in referred_and_inner(here, self.root) {
                if std::ptr::eq(child, part) {
                    return true;
                }
                if known.insert(std::ptr::from_ref(child)) {
                    pending.push(child);
                }
            }
        }
        false
    }
}

/// The schemas that the strict form of `part` is made of.
fn referred_and_inner<'a>(part: &'a Value, root: &'a Value) -> Vec<&'a Value> {
    let Value::Object(words) = part else { return Vec::new() };
    let mut children = Vec::new();
    for (word, value) in words {
        match (word.as_str(), value) {
            ("$ref", Value::String(reference)) => children.extend(target(root, reference)),
            ("properties", Value::Object(properties)) => children.extend(properties.values()),
            ("allOf" | "anyOf" | "oneOf" | "prefixItems" | "items", Value::Array(parts)) => {
                children.extend(parts);
            }
            ("items", part @ Value::Object(_)) => children.push(part),
            _ => {}
        }
    }
    children
}
