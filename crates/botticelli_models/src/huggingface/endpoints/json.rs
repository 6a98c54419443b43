//! The fields of responses. A field of an unexpected type counts as missing.

use botticelli_core::Usd;
use serde::Deserialize;
use serde_json::Value;

/// Returns the text at a JSON pointer.
pub(super) fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Returns the number at a JSON pointer.
pub(super) fn number(value: &Value, pointer: &str) -> Option<u32> {
    u32::try_from(value.pointer(pointer)?.as_u64()?).ok()
}

/// Returns the amount at a JSON pointer: a number of dollars, or the same as text.
pub(super) fn amount(value: &Value, pointer: &str) -> Option<Usd> {
    Usd::deserialize(value.pointer(pointer)?).ok()
}

/// Returns the list at a JSON pointer; empty if it is missing.
pub(super) fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
