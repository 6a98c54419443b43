//! The schema of a typed response, as sent and as checked.

use super::TypedOptions;
use super::floats::with_f32_bounds;
use super::integers::{add_all_bounds, add_bounds};
use super::reference;
use super::strict::strict;
use super::type_schema::{type_name, type_schema};
use super::validator::SchemaValidator;
use botticelli_core::OutputSchema;
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::{Map, Value, json};

/// The property around a non-object value. Services accept only objects.
pub(super) const WRAP: &str = "value";

/// The schema of a typed response, in the form that is sent, and a validator for the value.
#[derive(Debug)]
pub(super) struct TargetSchema {
    /// The name, as sent.
    pub(super) name: String,
    /// The description for the model.
    pub(super) description: Option<String>,
    /// The schema of an object, as sent.
    pub(super) sent: Value,
    /// The value of `strict`, if the caller set one.
    pub(super) strict: Option<bool>,
    /// `true` if the object has the value as its only property.
    pub(super) is_wrapped: bool,
    /// `true` if any text matches.
    pub(super) is_text: bool,
    /// The names of the object's properties.
    pub(super) properties: Vec<String>,
    /// The validator of the value without its wrapping object. This validator also checks the keywords that are not sent.
    pub(super) validator: SchemaValidator,
}

impl TargetSchema {
    /// Returns the schema that values of type `T` deserialize from.
    pub(super) fn of_type<T: schemars::JsonSchema>(options: &TypedOptions) -> Result<Self, BotticelliError> {
        let (name, mut schema) = (type_name::<T>(), type_schema::<T>());
        let description = schema.get("description").and_then(Value::as_str).map(str::to_owned);
        let mut checked = with_f32_bounds(schema.clone());
        add_all_bounds(&mut checked);
        let validator = SchemaValidator::new(&checked)?;
        add_bounds(&mut schema);
        let strict = options.is_strict().then_some(true);
        let (sent, is_wrapped) = to_object(&schema, &name, options.is_strict())?;
        let (is_text, properties) = (is_text(&schema), properties(&sent));
        Ok(Self { name, description, sent, strict, is_wrapped, is_text, properties, validator })
    }

    /// Returns a schema of the caller. The schema is made strict if its `with_strict` is set, and otherwise sent unchanged.
    pub(super) fn of_schema(schema: &OutputSchema) -> Result<Self, BotticelliError> {
        // A deserialized schema is not validated yet.
        OutputSchema::new(schema.name(), schema.schema().clone())?;
        let validator = SchemaValidator::new(schema.schema())?;
        let (sent, is_wrapped) = to_object(schema.schema(), schema.name(), schema.strict() == Some(true))?;
        let description = schema.description().map(str::to_owned);
        let (is_text, properties) = (is_text(schema.schema()), properties(&sent));
        Ok(Self {
            name: schema.name().to_owned(),
            description,
            sent,
            strict: schema.strict(),
            is_wrapped,
            is_text,
            properties,
            validator,
        })
    }

    /// Returns the schema for `response_format`.
    pub(super) fn to_json_schema(&self) -> Result<OutputSchema, BotticelliError> {
        let mut schema = OutputSchema::new(&self.name, self.sent.clone())?;
        if let Some(description) = &self.description {
            schema = schema.with_description(description);
        }
        Ok(match self.strict {
            Some(strict) => schema.with_strict(strict),
            None => schema,
        })
    }
}

/// Returns the schema as sent, and `true` if it was wrapped in an object.
fn to_object(schema: &Value, name: &str, is_strict: bool) -> Result<(Value, bool), BotticelliError> {
    let mut sent = if is_strict { strict(schema, name)? } else { schema.clone() };
    if is_object(&sent, schema) {
        return Ok((sent, false));
    }
    let mut wrapped = Map::new();
    wrapped.insert("type".to_owned(), "object".into());
    if !is_strict {
        // Definitions stay at the root. References to other parts must point one level deeper.
        move_references(&mut sent);
        for keyword in ["$schema", "$defs", "definitions"] {
            let moved = sent.as_object_mut().and_then(|schema| schema.shift_remove(keyword));
            wrapped.extend(moved.map(|moved| (keyword.to_owned(), moved)));
        }
    }
    let mut properties = Map::new();
    properties.insert(WRAP.to_owned(), sent);
    wrapped.insert("properties".to_owned(), properties.into());
    wrapped.insert("required".to_owned(), json!([WRAP]));
    wrapped.insert("additionalProperties".to_owned(), false.into());
    Ok((wrapped.into(), true))
}

/// Returns whether any text matches the schema.
fn is_text(schema: &Value) -> bool {
    let is_harmless =
        |keyword: &str| matches!(keyword, "type" | "title" | "description" | "$schema" | "deprecated");
    schema.get("type").is_some_and(|kind| kind == "string")
        && schema.as_object().is_some_and(|keywords| keywords.keys().all(|keyword| is_harmless(keyword)))
}

/// Returns the names of the properties of an object schema.
fn properties(schema: &Value) -> Vec<String> {
    let whole = referred(schema, schema).unwrap_or(schema);
    let properties = whole.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::keys).cloned().collect()
}

/// Returns the part of `root` that `schema` refers to.
fn referred<'a>(schema: &Value, root: &'a Value) -> Option<&'a Value> {
    reference::target(root, schema.get("$ref")?.as_str()?)
}

/// Returns whether the schema matches only objects.
fn is_object(schema: &Value, root: &Value) -> bool {
    if let Some(target) = referred(schema, root) {
        return target.get("type").is_some_and(|kind| kind == "object");
    }
    match schema.get("type") {
        Some(kind) => kind == "object",
        None => schema.get("properties").is_some(),
    }
}

fn move_references(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            for (keyword, value) in fields {
                match value {
                    Value::String(reference) if keyword == "$ref" => {
                        let is_moved = reference::pointer(reference).is_some_and(|pointer| {
                            !pointer.starts_with("/$defs/") && !pointer.starts_with("/definitions/")
                        });
                        if let Some(inside) = reference.strip_prefix('#').filter(|_| is_moved) {
                            *reference = format!("#/properties/{WRAP}{inside}");
                        }
                    }
                    value => move_references(value),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(move_references),
        _ => {}
    }
}

/// Rejects a request that sets a field that a typed response needs.
pub(super) fn reject_conflicting_fields(
    request: &botticelli_core::GenerateRequest,
) -> Result<(), BotticelliError> {
    if let Some(n) = request.n().filter(|n| *n > 1) {
        let (reason, remedy) = ("a typed response is read from one choice", "remove it");
        return Err(BuilderError::refused("GenerateRequest", "n", n.to_string(), reason, remedy).into());
    }
    let field = match () {
        () if request.response_format().is_some() => "response_format",
        () if !request.tools().is_empty() => "tools",
        () if request.tool_choice().is_some() => "tool_choice",
        () => return request.validate(),
    };
    let remedy = "remove it, or call `generate` and parse the response yourself";
    let reason = "the typed call sets it";
    Err(BuilderError::refused("GenerateRequest", field, "set", reason, remedy).into())
}
