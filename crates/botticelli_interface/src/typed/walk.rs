//! Every part of a schema, one after the other.

use serde_json::{Map, Value};

/// Calls `change` for every object in `schema` that is itself a schema, the inner ones first.
///
/// Values (`const`, `enum`, `default`, `examples`) are left out, and so is the name of a property that happens to be a keyword.
pub(super) fn visit_schemas(schema: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    match schema {
        Value::Object(words) => {
            for (word, value) in words.iter_mut() {
                match (word.as_str(), value) {
                    ("const" | "enum" | "default" | "examples", _) => {}
                    (
                        "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions",
                        Value::Object(schemas),
                    ) => schemas.values_mut().for_each(|schema| visit_schemas(schema, change)),
                    (_, value) => visit_schemas(value, change),
                }
            }
            change(words);
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| visit_schemas(part, change)),
        _ => {}
    }
}

/// Whether a schema names the type `kind`, alone or in a list.
pub(super) fn has_type(words: &Map<String, Value>, kind: &str) -> bool {
    match words.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|one| one == kind),
        Some(one) => one == kind,
        None => false,
    }
}
