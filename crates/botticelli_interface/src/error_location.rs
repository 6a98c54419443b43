//! The part of a value for which it cannot be read.

use serde_json::Value;

/// How often a value is read to find the part.
const MOST: usize = 200;
/// The largest value that is looked into, in values.
const LARGEST: usize = 5_000;

/// The JSON pointer of the innermost part of `value` without which `read` would fail for another reason, or not at all; empty
/// where it is the whole. `reason` is why it fails.
pub(crate) fn locate_error<T>(
    value: &Value,
    reason: &str,
    read: impl Fn(&Value) -> Result<T, String>,
) -> String {
    let mut place = String::new();
    if size(value) > LARGEST {
        return place;
    }
    let mut attempts = 0_usize;
    while let Some(here) = value.pointer(&place) {
        let culprit = parts(here).into_iter().find(|part| {
            attempts = attempts.saturating_add(1);
            let mut rest = value.clone();
            let is_removed = rest.pointer_mut(&place).is_some_and(|around| part.leave_out(around));
            is_removed && attempts <= MOST && read(&rest).err().as_deref() != Some(reason)
        });
        match culprit {
            Some(part) => place.push_str(&part.token()),
            None => break,
        }
    }
    place
}

/// A part of a list or an object.
enum Part {
    Item(usize),
    Field(String),
}

impl Part {
    fn leave_out(&self, around: &mut Value) -> bool {
        match (self, around) {
            (Self::Item(at), Value::Array(items)) if *at < items.len() => {
                items.remove(*at);
                true
            }
            (Self::Field(name), Value::Object(fields)) => fields.shift_remove(name).is_some(),
            _ => false,
        }
    }

    fn token(&self) -> String {
        match self {
            Self::Item(at) => format!("/{at}"),
            Self::Field(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        }
    }
}

fn parts(value: &Value) -> Vec<Part> {
    match value {
        Value::Array(items) => (0..items.len()).map(Part::Item).collect(),
        Value::Object(fields) => fields.keys().cloned().map(Part::Field).collect(),
        _ => Vec::new(),
    }
}

fn size(value: &Value) -> usize {
    let mut count = 0_usize;
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        count = count.saturating_add(1);
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(fields) => pending.extend(fields.values()),
            _ => {}
        }
    }
    count
}
