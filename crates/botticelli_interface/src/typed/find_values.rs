//! JSON values in a text.

use super::value_end::{ValueEnd, end_of_string, find_value_end};
use serde_json::Value;

/// The values in a text.
#[derive(Debug, Default)]
pub(super) struct FoundValues {
    /// The whole text, if it is JSON. Otherwise every complete object and array that is not part of another one, in order.
    pub(super) values: Vec<Value>,
    /// `true` if nothing else in the text looks like JSON.
    pub(super) is_alone: bool,
    /// `true` if only white space and the end of a code fence follow the last value.
    pub(super) is_last: bool,
    /// The error of parsing the whole text.
    pub(super) error: Option<serde_json::Error>,
}

/// Finds the values in `text`, in one pass.
///
/// The search skips the inside of a broken value, because a part of a response may look like a whole one.
pub(super) fn find_values(text: &str) -> FoundValues {
    let error = match serde_json::from_str(text.trim()) {
        // Some models write the JSON inside of a JSON string.
        Ok(Value::String(inner)) => {
            let value = serde_json::from_str::<Value>(&inner).ok();
            let value = value.filter(|value| value.is_object() || value.is_array());
            let values = [Value::String(inner)].into_iter().chain(value).collect();
            return FoundValues { values, is_alone: true, is_last: true, error: None };
        }
        Ok(value) => return FoundValues { values: vec![value], is_alone: true, is_last: true, error: None },
        Err(error) => error,
    };
    let mut scanner = Scanner { text, ..Scanner::default() };
    scanner.scan();
    let values = scanner.values;
    let is_alone = !scanner.is_broken && values.len() == 1;
    let after = text.get(scanner.end_of_last..).unwrap_or_default();
    let is_last =
        !values.is_empty() && after.trim_matches(|c: char| c.is_whitespace() || c == '`').is_empty();
    FoundValues { values, is_alone, is_last, error: Some(error) }
}

/// An open bracket of a broken value.
#[derive(Debug)]
struct Open {
    /// The matching closing bracket.
    end: u8,
    /// `true` for JSON, `false` for a bracket in prose.
    is_json: bool,
    /// The number of values before the bracket.
    values: usize,
}

/// A scanner for a text that is not JSON as a whole. It reads every byte a fixed number of times.
#[derive(Debug, Default)]
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    values: Vec<Value>,
    end_of_last: usize,
    open: Vec<Open>,
    /// The number of open brackets with `is_json`.
    open_json: usize,
    /// The number of open braces.
    open_braces: usize,
    /// `true` if something that looks like JSON is invalid.
    is_broken: bool,
    /// `true` after a value with a name and a colon: a property of an object without its beginning.
    is_inside: bool,
}

impl Scanner<'_> {
    fn scan(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at).copied() {
            let next = match byte {
                b'{' | b'[' => Some(self.enter()),
                b'}' | b']' => self.leave(byte),
                // Brackets inside of JSON strings do not count. In prose, a quotation mark starts no string.
                b'"' if self.open_json > 0 => Some(end_of_string(bytes, self.at).unwrap_or(bytes.len())),
                _ => Some(self.at + 1),
            };
            let Some(next) = next else { break };
            self.at = next;
        }
        // Values inside an unclosed value are parts of that value.
        if let Some(broken) = self.open.iter().find(|open| open.is_json) {
            self.values.truncate(broken.values);
        }
    }

    /// Reads the value at the current position, and returns the next position.
    fn enter(&mut self) -> usize {
        let is_property = is_after_name(self.text.get(..self.at).unwrap_or_default());
        self.is_inside |= is_property;
        if is_property && self.open_json < self.open.len() {
            // The value is a property, so the brackets around it are JSON.
            self.open.iter_mut().for_each(|open| open.is_json = true);
            self.open_json = self.open.len();
        }
        match find_value_end(self.text, self.at) {
            ValueEnd::Complete(end) => {
                match serde_json::from_str(self.text.get(self.at..end).unwrap_or_default()) {
                    Ok(value) => {
                        self.values.push(value);
                        self.end_of_last = end;
                    }
                    Err(_) => self.is_broken = true,
                }
                end
            }
            ValueEnd::Broken { at, open, has_content } => {
                self.is_broken = true;
                let rest = self.text.get(at..).unwrap_or_default();
                let is_json = has_content || is_like_json(rest, open.last() == Some(&b'}'));
                for end in open {
                    self.open.push(Open { end, is_json, values: self.values.len() });
                    self.open_json += usize::from(is_json);
                    self.open_braces += usize::from(end == b'}');
                }
                at
            }
        }
    }

    /// Closes a bracket, and returns the next position; `None` if the rest of the text is ambiguous.
    fn leave(&mut self, end: u8) -> Option<usize> {
        let next = Some(self.at + 1);
        let is_open = if end == b'}' { self.open_braces > 0 } else { self.open.len() > self.open_braces };
        match self.open.last() {
            None => {
                self.is_broken = true;
                // The end of an object without its beginning. The values found so far are parts of the unclosed value.
                if self.is_inside {
                    self.values.clear();
                    return None;
                }
                next
            }
            Some(open) if open.end != end && self.open_json > 0 => None,
            // A closing bracket in prose, without an opening one.
            Some(_) if !is_open => next,
            Some(_) => {
                while let Some(open) = self.open.pop() {
                    self.open_json -= usize::from(open.is_json);
                    self.open_braces -= usize::from(open.end == b'}');
                    // The values since the opening bracket are parts of this value.
                    self.values.truncate(open.values);
                    if open.end == end {
                        break;
                    }
                }
                next
            }
        }
    }
}

/// Returns whether the text ends with a quoted name and a colon, so that a property value follows.
fn is_after_name(before: &str) -> bool {
    before.trim_end().strip_suffix(':').is_some_and(|before| before.trim_end().ends_with('"'))
}

/// Returns whether the text looks like relaxed JSON: an unquoted name with a colon in an object, or a single quotation mark.
fn is_like_json(text: &str, is_in_object: bool) -> bool {
    let text = text.trim_start();
    let after = text.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-'));
    let is_named = is_in_object && after.len() < text.len() && after.trim_start().starts_with(':');
    is_named || text.starts_with('\'')
}
