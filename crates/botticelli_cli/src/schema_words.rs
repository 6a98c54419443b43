//! Schemas of answers: files, and short lists of fields.

use crate::failure::{Failure, Outcome};
use crate::prompt::read_text;
use botticelli::OutputSchema;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Returns the schema that `--schema` names: a JSON file, JSON text, or fields such as `name, age int, tags list`.
pub(crate) fn schema(text: &str) -> Outcome<OutputSchema> {
    let trimmed = text.trim();
    if trimmed.starts_with('{') {
        return of_json(trimmed, "--schema");
    }
    let is_file = Path::new(trimmed).extension().is_some_and(|extension| extension == "json");
    if is_file || Path::new(trimmed).is_file() {
        return of_json(&read_text(Path::new(trimmed))?, trimmed);
    }
    of_fields(trimmed)
}

fn of_json(text: &str, name: &str) -> Outcome<OutputSchema> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Failure::usage(format!("{name} is not JSON: {error}. Write a JSON Schema.")))?;
    let title = value.get("title").and_then(Value::as_str).map(plain_name).filter(|title| !title.is_empty());
    OutputSchema::new(title.unwrap_or_else(|| "answer".to_owned()), value)
        .map_err(|error| Failure::from(error).with_exit(crate::Exit::Usage))
}

/// Returns a name with the characters that services accept.
fn plain_name(title: &str) -> String {
    let is_accepted = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    title.chars().filter(is_accepted).take(64).collect()
}

/// Returns the schema of a list of fields. A field is a name and an optional type; a field without a type is a text.
fn of_fields(text: &str) -> Outcome<OutputSchema> {
    let mut properties = Map::new();
    for field in text.split([',', '\n']).map(str::trim).filter(|field| !field.is_empty()) {
        let (field, description) = match field.split_once(':') {
            Some((field, description)) => (field.trim(), Some(description.trim())),
            None => (field, None),
        };
        let mut words = field.split_whitespace();
        let name = words.next().unwrap_or_default();
        let word = words.next().unwrap_or("str");
        if words.next().is_some() {
            return Err(refused(field, "a field is a name and a type"));
        }
        let is_name = name.chars().all(|character| character.is_alphanumeric() || character == '_');
        if name.is_empty() || !is_name {
            return Err(refused(field, "a name has letters, digits and underscores"));
        }
        let Some(mut schema) = of_type(word) else {
            return Err(refused(
                field,
                "the types are str, int, float, bool, list, and choices such as red|green",
            ));
        };
        if let (Some(description), Some(object)) = (description, schema.as_object_mut()) {
            object.insert("description".to_owned(), description.into());
        }
        if properties.insert(name.to_owned(), schema).is_some() {
            return Err(refused(name, "it appears twice"));
        }
    }
    if properties.is_empty() {
        return Err(Failure::usage("--schema has no field. Write a list such as 'name, age int'."));
    }
    let required: Vec<String> = properties.keys().cloned().collect();
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    Ok(OutputSchema::new("answer", schema)?)
}

fn of_type(word: &str) -> Option<Value> {
    if word.contains('|') {
        let choices: Vec<&str> = word.split('|').filter(|choice| !choice.is_empty()).collect();
        return Some(json!({"type": "string", "enum": choices}));
    }
    Some(match word {
        "str" | "string" | "text" => json!({"type": "string"}),
        "int" | "integer" => json!({"type": "integer"}),
        "float" | "number" => json!({"type": "number"}),
        "bool" | "boolean" => json!({"type": "boolean"}),
        "list" => json!({"type": "array", "items": {"type": "string"}}),
        _ => return None,
    })
}

fn refused(field: &str, reason: &str) -> Failure {
    Failure::usage(format!(
        "--schema: '{field}' is not a field: {reason}. Name a JSON file, or write 'name, age int, mood good|bad'."
    ))
}
