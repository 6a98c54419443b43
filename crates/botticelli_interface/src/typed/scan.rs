//! The JSON in a text.

use serde_json::{Deserializer, Value};

/// The most places at which a value is looked for in one text.
const MOST: usize = 64;

/// The values in a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In order: the whole text, else every complete value in it that begins with a bracket and stands in no other.
    pub(super) values: Vec<Value>,
    /// Whether nothing else in the text was to be JSON.
    pub(super) is_alone: bool,
    /// Why the whole text is none.
    pub(super) error: Option<serde_json::Error>,
}

/// Looks for values in `text`; never inside of one that is broken, for a part of an answer may look like another one.
pub(super) fn scan(text: &str) -> Found {
    let error = match serde_json::from_str(text.trim()) {
        // Some models write JSON as a JSON string.
        Ok(Value::String(inner)) => {
            let value = serde_json::from_str::<Value>(&inner).ok();
            let value = value.filter(|value| value.is_object() || value.is_array());
            let values = [Value::String(inner)].into_iter().chain(value).collect();
            return Found { values, is_alone: true, error: None };
        }
        Ok(value) => return Found { values: vec![value], is_alone: true, error: None },
        Err(error) => error,
    };
    let mut values = Vec::new();
    let (mut is_broken, mut is_inside) = (false, false);
    let mut rest = text;
    for _ in 0..MOST {
        let Some((before, begin)) = rest.find(BRACKETS).and_then(|at| rest.split_at_checked(at)) else {
            break;
        };
        if begin.starts_with(['}', ']']) {
            is_broken = true;
            // The end of something whose beginning is missing; what was found is a part of it.
            if is_inside {
                values.clear();
                break;
            }
            rest = begin.get(1..).unwrap_or_default();
            continue;
        }
        is_inside |= is_after_name(before);
        let mut read = Deserializer::from_str(begin).into_iter::<Value>();
        let end = if let Some(Ok(value)) = read.next() {
            values.push(value);
            read.byte_offset()
        } else {
            is_broken = true;
            let Some(end) = end_of_broken(begin) else { break };
            end
        };
        rest = begin.get(end..).unwrap_or_default();
    }
    let is_alone = !is_broken && values.len() == 1;
    Found { values, is_alone, error: Some(error) }
}

const BRACKETS: [char; 4] = ['{', '[', '}', ']'];

/// Whether a name with a colon stands before: what follows is the value of a property.
fn is_after_name(before: &str) -> bool {
    before.trim_end().strip_suffix(':').is_some_and(|before| before.trim_end().ends_with('"'))
}

/// Where the broken value ends with which `text` begins, if that can be told.
fn end_of_broken(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let (mut is_string, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        if is_string {
            is_string = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
            continue;
        }
        match c {
            '"' => is_string = true,
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' if open.pop() != Some(c) => return None,
            '}' | ']' if open.is_empty() => return at.checked_add(1),
            _ => {}
        }
    }
    None
}
