//! What an `f32` holds.

use super::walk::visit_schemas;
use serde_json::{Map, Value, json};

/// `schema`, in which numbers that become an `f32` have its bounds: a greater one would be read as infinite.
pub(super) fn with_f32_bounds(mut schema: Value) -> Value {
    visit_schemas(&mut schema, &mut |words| {
        if words.get("format").is_some_and(|format| format == "float") {
            bound_here(words);
        }
    });
    schema
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
