//! The bounds of `f32`.

use super::walk::visit_schemas;
use serde_json::{Map, Value, json};

/// Returns `schema` with bounds for numbers that become an `f32`. Without bounds, a larger number would become infinite.
pub(super) fn with_f32_bounds(mut schema: Value) -> Value {
    visit_schemas(&mut schema, &mut |words| {
        if words.get("format").is_some_and(|format| format == "float") {
            add_bounds(words);
        }
    });
    schema
}

/// Adds the bounds in `allOf`, which keeps existing bounds.
fn add_bounds(words: &mut Map<String, Value>) {
    let bounds = json!({"minimum": f64::from(f32::MIN), "maximum": f64::from(f32::MAX)});
    match words.get_mut("allOf") {
        Some(Value::Array(parts)) => parts.push(bounds),
        _ => {
            words.insert("allOf".to_owned(), json!([bounds]));
        }
    }
}
