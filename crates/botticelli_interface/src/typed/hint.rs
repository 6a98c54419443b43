//! Descriptions with the keywords that a strict schema cannot have.

use serde_json::{Map, Value};

/// Keywords that services reject in a strict schema, but that help the model. The validator checks them.
const KEYWORDS: [&str; 15] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
    "examples",
];

/// The formats of JSON Schema. Other formats name the width of Rust's numbers.
const FORMATS: [&str; 13] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uuid",
    "regex",
    "uri-reference",
    "json-pointer",
];

/// Returns the description of a part, with the keywords that its strict form omits.
pub(super) fn description_with_hints(part: &Map<String, Value>) -> Option<String> {
    let mut hints: Vec<String> = Vec::new();
    let format = part.get("format").and_then(Value::as_str).filter(|format| FORMATS.contains(format));
    hints.extend(format.map(|format| format!("format: {format}")));
    let keywords = KEYWORDS.iter().filter_map(|word| Some((*word, part.get(*word)?)));
    hints.extend(keywords.map(|(word, value)| format!("{word}: {value}")));
    let description = part.get("description").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    match (description, hints.join(", ")) {
        (description, hints) if hints.is_empty() => description.map(str::to_owned),
        (None, hints) => Some(format!("({hints})")),
        (Some(description), hints) => Some(format!("{description} ({hints})")),
    }
}
