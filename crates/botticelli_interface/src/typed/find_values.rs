//! The JSON in a text.

use super::value_end::{ValueEnd, end_of_string, find_value_end};
use serde_json::Value;

/// The values in a text.
#[derive(Debug, Default)]
pub(super) struct FoundValues {
    /// In order: the whole text, else every complete value in it that begins with a bracket and stands in no other.
    pub(super) values: Vec<Value>,
    /// Whether nothing else in the text was to be JSON.
    pub(super) is_alone: bool,
    /// Whether nothing but blanks and the end of a code fence follows the last value.
    pub(super) is_last: bool,
    /// Why the whole text is none.
    pub(super) error: Option<serde_json::Error>,
}

/// Looks for values in `text`, in one pass; never inside of one that is broken, for a part of an answer may look like another
/// one.
pub(super) fn find_values(text: &str) -> FoundValues {
    let error = match serde_json::from_str(text.trim()) {
        // Some models write JSON as a JSON string.
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

/// A bracket that is open, and whose value is broken.
#[derive(Debug)]
struct Open {
    /// The bracket that closes it.
    end: u8,
    /// Whether it was to be JSON, rather than a bracket in prose.
    is_json: bool,
    /// How many values were found before it.
    values: usize,
}

/// Goes through a text that is not JSON as a whole. Every byte is looked at a fixed number of times.
#[derive(Debug, Default)]
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    values: Vec<Value>,
    end_of_last: usize,
    open: Vec<Open>,
    /// How many of the open brackets were to be JSON.
    open_json: usize,
    /// How many of them are braces.
    open_braces: usize,
    /// Whether anything that may have been meant as JSON is none.
    is_broken: bool,
    /// Whether a value came after a name and a colon: it is a property of something whose beginning is missing.
    is_inside: bool,
}

impl Scanner<'_> {
    fn scan(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at).copied() {
            let next = match byte {
                b'{' | b'[' => Some(self.enter()),
                b'}' | b']' => self.leave(byte),
                // Brackets in a text are none. In prose, a quotation mark begins nothing.
                b'"' if self.open_json > 0 => Some(end_of_string(bytes, self.at).unwrap_or(bytes.len())),
                _ => self.at.checked_add(1),
            };
            let Some(next) = next else { break };
            self.at = next;
        }
        // What is in a value that never ends is a part of it.
        if let Some(broken) = self.open.iter().find(|open| open.is_json) {
            self.values.truncate(broken.values);
        }
    }

    /// Reads the value that begins here, and says where to go on.
    fn enter(&mut self) -> usize {
        let is_property = is_after_name(self.text.get(..self.at).unwrap_or_default());
        self.is_inside |= is_property;
        if is_property && self.open_json < self.open.len() {
            // So the brackets around it are those of an object.
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
                    self.open_json = self.open_json.saturating_add(usize::from(is_json));
                    self.open_braces = self.open_braces.saturating_add(usize::from(end == b'}'));
                }
                at
            }
        }
    }

    /// Closes a bracket, and says where to go on; `None` where nothing that follows can be told from a part of something.
    fn leave(&mut self, end: u8) -> Option<usize> {
        let next = self.at.checked_add(1);
        let is_open = if end == b'}' { self.open_braces > 0 } else { self.open.len() > self.open_braces };
        match self.open.last() {
            None => {
                self.is_broken = true;
                // The end of something whose beginning is missing; what was found is a part of it.
                if self.is_inside {
                    self.values.clear();
                    return None;
                }
                next
            }
            Some(open) if open.end != end && self.open_json > 0 => None,
            // A bracket in prose that closes nothing.
            Some(_) if !is_open => next,
            Some(_) => {
                while let Some(open) = self.open.pop() {
                    self.open_json = self.open_json.saturating_sub(usize::from(open.is_json));
                    self.open_braces = self.open_braces.saturating_sub(usize::from(open.end == b'}'));
                    // They are parts of what ends here.
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

/// Whether a name with a colon stands before: what follows is the value of a property.
fn is_after_name(before: &str) -> bool {
    before.trim_end().strip_suffix(':').is_some_and(|before| before.trim_end().ends_with('"'))
}

/// Whether this would be JSON in a language that is less strict: in an object a name without quotation marks and a colon, or
/// anywhere a single quotation mark.
fn is_like_json(text: &str, is_in_object: bool) -> bool {
    let text = text.trim_start();
    let after = text.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-'));
    let is_named = is_in_object && after.len() < text.len() && after.trim_start().starts_with(':');
    is_named || text.starts_with('\'')
}
