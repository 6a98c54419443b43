//! The location of a deserialization error.

use serde_json::Value;

/// The maximum number of attempts to read a value.
const MAX_ATTEMPTS: usize = 200;
/// The maximum size of a searched value, counted in JSON values.
const MAX_SIZE: usize = 5_000;

/// Returns a JSON pointer to the innermost part of `value` that causes the error `reason` of `read`.
///
/// A part causes the error if `read` succeeds, or fails with another message, after the part is removed. The pointer is empty if
/// no part does. Serde reports lines and columns, but `value` has no text.
pub(crate) fn locate_error<T>(
    value: &Value,
    reason: &str,
    read: impl Fn(&Value) -> Result<T, String>,
) -> String {
    let mut place = String::new();
    if size(value) > MAX_SIZE {
        return place;
    }
    let mut attempts = 0_usize;
    while let Some(here) = value.pointer(&place) {
        let culprit = parts(here).into_iter().find(|part| {
            attempts += 1;
            let mut rest = value.clone();
            let is_removed = rest.pointer_mut(&place).is_some_and(|around| part.remove_from(around));
            is_removed && attempts <= MAX_ATTEMPTS && read(&rest).err().as_deref() != Some(reason)
        });
        match culprit {
            Some(part) => place.push_str(&part.token()),
            None => break,
        }
    }
    place
}

/// A part of an array or an object.
enum Part {
    Item(usize),
    Field(String),
}

impl Part {
    fn remove_from(&self, around: &mut Value) -> bool {
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
        count += 1;
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(fields) => pending.extend(fields.values()),
            _ => {}
        }
    }
    count
}
