//! Formats of a response.

use botticelli_error::{BotticelliError, BuilderError};
use derive_getters::Getters;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Format of a response. Without one, the response is text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResponseFormat {
    /// Any JSON object. Some servers require the word "JSON" in a message.
    JsonObject,
    /// JSON that satisfies this schema. Servers without support may ignore it, so check the response.
    JsonSchema(OutputSchema),
}

/// JSON Schema for a response, with a name.
///
/// The driver sends the schema to the model. Types with a schema derive `JsonSchema` instead.
///
/// ```
/// use botticelli::OutputSchema;
/// use serde_json::json;
///
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let painter = OutputSchema::new(
///     "painter",
///     json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}),
/// )?;
/// assert_eq!(painter.name(), "painter");
///
/// let mistake = OutputSchema::new("painter", json!({"type": "text"}));
/// assert!(mistake.unwrap_err().to_string().contains("no type of JSON"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Getters, Serialize, Deserialize)]
pub struct OutputSchema {
    /// Name: up to 64 letters, digits, `_` and `-`.
    #[getter(skip)]
    name: String,
    /// Purpose, as text for the model.
    #[getter(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// JSON Schema, an object.
    schema: Value,
    /// `true` if the response must match exactly. Every object must then be closed, and all its properties required.
    #[getter(copy)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl OutputSchema {
    /// Returns the schema under a name.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the name has other characters than letters, digits, `_` and `-`, or if the schema is invalid.
    #[track_caller]
    pub fn new(name: impl Into<String>, schema: Value) -> Result<Self, BotticelliError> {
        let form = Self { name: name.into(), description: None, schema, strict: None };
        form.validate()?;
        Ok(form)
    }

    /// Sets the purpose, as text for the model.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets whether the response must match the schema exactly.
    pub fn with_strict(mut self, strict: bool) -> Self {
        self.strict = Some(strict);
        self
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the purpose.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    #[track_caller]
    pub(crate) fn validate(&self) -> Result<(), BotticelliError> {
        check_function_name("OutputSchema", "name", &self.name)?;
        check("OutputSchema", &self.schema, "response_format.schema")
    }
}

/// Keywords that hold one schema; `items` may hold a list of them in older drafts.
const NESTED: [&str; 12] = [
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "additionalItems",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Maximum nesting of the JSON, two or three levels per level of the schema. Recursion over deeper JSON could overflow the stack.
const DEEPEST_JSON: usize = 200;
const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

/// Rejects a value that is clearly not a JSON Schema. The service checks the rest.
#[track_caller]
pub(crate) fn check(owner: &'static str, schema: &Value, field: &str) -> Result<(), BotticelliError> {
    if is_deeper(schema, DEEPEST_JSON) {
        let reason = "it is nested too deeply";
        let remedy = "make it flatter: a JSON Schema may have 64 levels";
        return Err(BuilderError::refused(owner, field.to_owned(), "…", reason, remedy).into());
    }
    let mut pending = vec![(field.to_owned(), schema, 0_u8)];
    while let Some((place, schema, depth)) = pending.pop() {
        let refused = |value: &Value, reason: &'static str, remedy: &'static str| -> BotticelliError {
            let shown: String = value.to_string().chars().take(80).collect();
            let place = place.clone();
            if value.is_object() || value.is_array() {
                BuilderError::refused_json(owner, place, shown, reason, remedy).into()
            } else {
                BuilderError::refused(owner, place, shown, reason, remedy).into()
            }
        };
        let object = match schema {
            Value::Bool(_) if depth > 0 => continue,
            Value::Object(object) => object,
            other => {
                return Err(refused(other, "a JSON Schema is an object", r#"write {"type": "object", …}"#));
            }
        };
        if depth > 64 {
            return Err(refused(schema, "it is nested deeper than 64 times", "make it flatter"));
        }
        let words = match object.get("type") {
            None => &[],
            Some(Value::Array(words)) => words.as_slice(),
            Some(word) => std::slice::from_ref(word),
        };
        let unknown = words.iter().find(|word| !word.as_str().is_some_and(|word| TYPES.contains(&word)));
        if let Some(word) = unknown {
            return Err(refused(
                word,
                "it is no type of JSON",
                "write string, number, integer, boolean, object, array or null",
            ));
        }
        if let Some(list) = object.get("enum").filter(|list| !list.is_array()) {
            return Err(refused(list, "`enum` is a list", r#"write "enum": ["a", "b"]"#));
        }
        let names = object.get("required");
        if let Some(names) =
            names.filter(|names| !names.as_array().is_some_and(|n| n.iter().all(Value::is_string)))
        {
            return Err(refused(names, "`required` is a list of names", r#"write "required": ["name"]"#));
        }
        for word in ["properties", "$defs", "definitions", "patternProperties", "dependentSchemas"] {
            match object.get(word) {
                None => {}
                Some(Value::Object(children)) => {
                    let deeper = depth.saturating_add(1);
                    pending.extend(
                        children.iter().map(|(name, child)| (format!("{place}.{name}"), child, deeper)),
                    );
                }
                Some(other) => {
                    return Err(refused(other, "this keyword takes schemas by name", "write an object"));
                }
            }
        }
        for word in NESTED {
            let child = object.get(word).filter(|child| !child.is_array());
            pending.extend(child.map(|child| (format!("{place}.{word}"), child, depth.saturating_add(1))));
        }
        for word in ["anyOf", "oneOf", "allOf", "prefixItems"] {
            match object.get(word) {
                None => {}
                Some(Value::Array(children)) => {
                    let deeper = depth.saturating_add(1);
                    pending.extend(children.iter().map(|child| (format!("{place}.{word}"), child, deeper)));
                }
                Some(other) => {
                    return Err(refused(other, "this keyword takes a list of schemas", "write a list"));
                }
            }
        }
    }
    Ok(())
}

/// Returns whether `value` is nested deeper than `limit`, without recursion.
fn is_deeper(value: &Value, limit: usize) -> bool {
    let mut pending = vec![(value, 0_usize)];
    while let Some((value, depth)) = pending.pop() {
        if depth > limit {
            return true;
        }
        let deeper = depth.saturating_add(1);
        match value {
            Value::Array(items) => pending.extend(items.iter().map(|item| (item, deeper))),
            Value::Object(fields) => pending.extend(fields.values().map(|field| (field, deeper))),
            _ => {}
        }
    }
    false
}

/// Checks OpenAI's rule for names, which the providers behind the router share.
#[track_caller]
pub(crate) fn check_function_name(
    owner: &'static str,
    field: &'static str,
    name: &str,
) -> Result<(), BotticelliError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let reason = match () {
        () if name.is_empty() => "a function has a name",
        () if name.chars().count() > 64 => "it is longer than 64 characters",
        () if !name.chars().all(is_plain) => "services take letters, digits, _ and - only",
        () => return Ok(()),
    };
    Err(BuilderError::refused(owner, field, format!("{name:?}"), reason, "write it as get_weather").into())
}
