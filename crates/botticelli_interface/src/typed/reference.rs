//! The target of a `$ref`.

use serde_json::Value;
use std::borrow::Cow;

/// Returns the JSON pointer of a reference, such as `/$defs/a b` for `#/$defs/a%20b`; `None` for other kinds of references.
pub(super) fn pointer(reference: &str) -> Option<Cow<'_, str>> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = decoded(fragment);
    (pointer.is_empty() || pointer.starts_with('/')).then_some(pointer)
}

/// Returns the part of `root` with this JSON pointer or this `$anchor`.
pub(super) fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    match pointer(reference) {
        Some(pointer) => root.pointer(&pointer),
        None => anchored(root, &decoded(reference.strip_prefix('#')?)),
    }
}

/// Returns the definition with this `$anchor`. Anchors of other parts are not found.
fn anchored<'a>(root: &'a Value, name: &str) -> Option<&'a Value> {
    let definitions = ["$defs", "definitions"].iter().filter_map(|word| root.get(*word)?.as_object());
    let mut parts = std::iter::once(root).chain(definitions.flat_map(|parts| parts.values()));
    parts.find(|part| part.get("$anchor").is_some_and(|anchor| anchor == name))
}

/// Decodes percent-encoded characters. An invalid encoding stays unchanged.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                if let Some(byte) = digit(*high).zip(digit(*low)).map(|(high, low)| (high << 4) | low) {
                    bytes.push(byte);
                    rest = after;
                    continue;
                }
                bytes.push(b'%');
                rest = rest.get(1..).unwrap_or_default();
            }
            (first, after) => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
