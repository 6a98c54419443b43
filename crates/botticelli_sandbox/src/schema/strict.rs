//! Schema requirements of `strict: true`.

use serde_json::Value;

/// Returns the first violation of strict mode, as an `OpenAI` message without the schema name.
pub(crate) fn strict_violation(schema: &Value) -> Option<String> {
    check_schema(schema, &mut Vec::new())
}

fn check_schema(schema: &Value, context: &mut Vec<String>) -> Option<String> {
    let fields = schema.as_object()?;
    let kind = fields.get("type");
    let is_object = match kind {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => fields.contains_key("properties"),
    };
    if is_object {
        if fields.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Some(violation(
                context,
                "'additionalProperties' is required to be supplied and to be false.",
            ));
        }
        let required = fields.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.into_iter().flatten().any(|entry| entry == name);
        let mut names = fields.get("properties").and_then(Value::as_object).into_iter().flatten();
        if let Some((name, _)) = names.find(|(name, _)| !is_required(name)) {
            let message = format!(
                "'required' is required to be supplied and to be an array including every key in \
                 properties. Missing '{name}'."
            );
            return Some(violation(context, &message));
        }
    }
    for key in ["properties", "$defs", "definitions"] {
        for (name, part) in fields.get(key).and_then(Value::as_object).into_iter().flatten() {
            if let Some(message) = check_part(part, &[key, name], context) {
                return Some(message);
            }
        }
    }
    if let Some(message) = fields.get("items").and_then(|items| check_part(items, &["items"], context)) {
        return Some(message);
    }
    for key in ["anyOf", "allOf", "oneOf"] {
        for (place, part) in fields.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
            if let Some(message) = check_part(part, &[key, &place.to_string()], context) {
                return Some(message);
            }
        }
    }
    None
}

fn check_part(part: &Value, names: &[&str], context: &mut Vec<String>) -> Option<String> {
    let length = context.len();
    context.extend(names.iter().map(|name| format!("'{name}'")));
    let message = check_schema(part, context);
    context.truncate(length);
    message
}

fn violation(context: &[String], message: &str) -> String {
    format!("In context=({}), {message}", context.join(", "))
}
