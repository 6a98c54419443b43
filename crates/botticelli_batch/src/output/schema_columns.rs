//! The columns of a schema.

use crate::answer::AnswerValues;
use crate::{AnswerColumn, ColumnType};
use botticelli_interface::TypedSchema;
use serde_json::{Map, Value};

/// Maximum depth of nested types. Deeper parts are JSON.
const MAX_DEPTH: usize = 16;

/// Returns one column for each property of an object, and otherwise the column `answer`.
pub(crate) fn columns(schema: &TypedSchema) -> Vec<AnswerColumn> {
    let root = schema.schema();
    match column_type(root, root, 0) {
        ColumnType::Object(columns) if !columns.is_empty() => columns,
        kind => vec![AnswerColumn::new("answer", kind)],
    }
}

/// Returns the values of the columns.
pub(super) fn values(schema: &TypedSchema, columns: &[AnswerColumn], answer: Option<Value>) -> AnswerValues {
    let root = schema.schema();
    let is_object = matches!(column_type(root, root, 0), ColumnType::Object(fields) if !fields.is_empty());
    match answer {
        Some(Value::Object(mut fields)) if is_object => {
            columns.iter().map(|column| fields.remove(&column.name).unwrap_or_default()).collect()
        }
        Some(answer) if !is_object => vec![answer],
        _ => columns.iter().map(|_| Value::Null).collect(),
    }
}

fn column_type(part: &Value, root: &Value, depth: usize) -> ColumnType {
    if depth > MAX_DEPTH {
        return ColumnType::Json;
    }
    let Some(fields) = part.as_object() else { return ColumnType::Json };
    if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
        let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return target.map_or(ColumnType::Json, |target| column_type(target, root, depth + 1));
    }
    if let Some(kind) = one_variant(fields, root, depth) {
        return kind;
    }
    match type_name(fields).as_deref() {
        Some("string") => ColumnType::Text,
        Some("integer") => ColumnType::Integer,
        Some("number") => ColumnType::Number,
        Some("boolean") => ColumnType::Boolean,
        Some("array") => match fields.get("items") {
            // The first items of a tuple have other types.
            Some(items) if !fields.contains_key("prefixItems") => {
                ColumnType::List(Box::new(column_type(items, root, depth + 1)))
            }
            _ => ColumnType::Json,
        },
        Some("object") => match fields.get("properties").and_then(Value::as_object) {
            Some(properties) if fields.get("additionalProperties").is_none_or(|more| more == false) => {
                let column = |(name, part): (&String, &Value)| {
                    AnswerColumn::new(name.clone(), column_type(part, root, depth + 1))
                };
                ColumnType::Object(properties.iter().map(column).collect())
            }
            _ => ColumnType::Json,
        },
        _ => ColumnType::Json,
    }
}

/// Returns the type of alternatives that have one type, apart from null.
fn one_variant(fields: &Map<String, Value>, root: &Value, depth: usize) -> Option<ColumnType> {
    let variants = ["anyOf", "oneOf", "allOf"].iter().find_map(|word| fields.get(*word)?.as_array())?;
    let is_null = |part: &&Value| part.get("type").is_some_and(|kind| kind == "null");
    let mut kinds =
        variants.iter().filter(|part| !is_null(part)).map(|part| column_type(part, root, depth + 1));
    let first = kinds.next()?;
    Some(if kinds.all(|kind| kind == first) { first } else { ColumnType::Json })
}

/// Returns the only type of a part, apart from null.
fn type_name(fields: &Map<String, Value>) -> Option<String> {
    match fields.get("type") {
        Some(Value::String(name)) => Some(name.clone()),
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            names.next().filter(|_| names.next().is_none()).map(str::to_owned)
        }
        _ => {
            let values = fields.get("enum").and_then(Value::as_array);
            let one = fields.get("const");
            let mut values =
                values.into_iter().flatten().chain(one).filter(|value| !value.is_null()).peekable();
            values.peek()?;
            values.all(Value::is_string).then(|| "string".to_owned())
        }
    }
}
