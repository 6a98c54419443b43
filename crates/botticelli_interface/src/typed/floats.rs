//! What an `f32` holds.

use serde_json::{Map, Value, json};

/// `schema`, in which numbers that become an `f32` have its bounds: a greater one would be read as infinite.
pub(super) fn bounded(mut schema: Value) -> Value {
    bound(&mut schema);
    schema
}

fn bound(part: &mut Value) {
    match part {
        Value::Object(words) => {
            for (word, value) in words.iter_mut() {
                match (word.as_str(), value) {
                    // Values, not schemas.
                    ("const" | "enum" | "default" | "examples", _) => {}
                    // Schemas by names, which may be any.
                    (
                        "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions",
                        Value::Object(schemas),
                    ) => schemas.values_mut().for_each(bound),
                    (_, value) => bound(value),
                }
            }
            if words.get("format").is_some_and(|format| format == "float") {
                bound_here(words);
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(bound),
        _ => {}
    }
}

/// Beside the bounds that may stand there already.
fn bound_here(words: &mut Map<String, Value>) {
    let bounds = json!({"minimum": f64::from(f32::MIN), "maximum": f64::from(f32::MAX)});
    match words.get_mut("allOf") {
        Some(Value::Array(parts)) => parts.push(bounds),
        _ => {
            words.insert("allOf".to_owned(), json!([bounds]));
        }
    }
}
