//! What a strict schema cannot say, said in words.

use serde_json::{Map, Value};

/// Words that services refuse in a strict schema, and a model still does well to read. They are checked here.
const WORDS: [&str; 15] = [
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

/// Those of JSON Schema; the others tell the width of Rust's numbers.
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

/// The description of a part of a schema, with what its strict form leaves out.
pub(super) fn description_with_hints(part: &Map<String, Value>) -> Option<String> {
    let mut hints: Vec<String> = Vec::new();
    let format = part.get("format").and_then(Value::as_str).filter(|format| FORMATS.contains(format));
    hints.extend(format.map(|format| format!("format: {format}")));
    let told = WORDS.iter().filter_map(|word| Some((*word, part.get(*word)?)));
    hints.extend(told.map(|(word, value)| format!("{word}: {value}")));
    let said = part.get("description").and_then(Value::as_str).filter(|said| !said.trim().is_empty());
    match (said, hints.join(", ")) {
        (said, hints) if hints.is_empty() => said.map(str::to_owned),
        (None, hints) => Some(format!("({hints})")),
        (Some(said), hints) => Some(format!("{said} ({hints})")),
    }
}
