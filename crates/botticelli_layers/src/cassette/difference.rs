//! Differences between two requests.

use botticelli_core::redact;
use serde_json::Value;
use std::fmt::{self, Write};

/// The first difference between a recorded request and another, and the number of all.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) count: usize,
    first: Option<(String, Option<String>, Option<String>)>,
}

impl Difference {
    pub(super) fn between(recorded: &Value, request: &Value) -> Self {
        let mut difference = Self::default();
        difference.compare(&mut String::new(), Some(recorded), Some(request));
        difference
    }

    fn compare(&mut self, path: &mut String, recorded: Option<&Value>, request: Option<&Value>) {
        let length = path.len();
        match (recorded, request) {
            (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
                let added = theirs.keys().filter(|name| !ours.contains_key(*name));
                for name in ours.keys().chain(added) {
                    path.push_str(if length == 0 { "" } else { "." });
                    path.push_str(name);
                    self.compare(path, ours.get(name), theirs.get(name));
                    path.truncate(length);
                }
            }
            (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
                for index in 0..ours.len().max(theirs.len()) {
                    // Writing to a string cannot fail.
                    let _ = write!(path, "[{index}]");
                    self.compare(path, ours.get(index), theirs.get(index));
                    path.truncate(length);
                }
            }
            (ours, theirs) if ours == theirs => {}
            (ours, theirs) => {
                self.count = self.count.saturating_add(1);
                if self.first.is_none() {
                    self.first = Some((path.clone(), ours.map(shown), theirs.map(shown)));
                }
            }
        }
    }
}

fn shown(value: &Value) -> String {
    let text = redact::tokens(&value.to_string());
    match text.char_indices().nth(60) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
        None => text,
    }
}

/// `` `messages[0].content` "Hi" instead of "Hello" ``
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.first {
            None => f.write_str("no difference"),
            Some((path, Some(ours), Some(theirs))) => write!(f, "`{path}` {ours} instead of {theirs}"),
            Some((path, Some(ours), None)) => write!(f, "`{path}` {ours}, which the request lacks"),
            Some((path, _, theirs)) => {
                write!(f, "no `{path}`, which is {} in the request", theirs.as_deref().unwrap_or_default())
            }
        }
    }
}
