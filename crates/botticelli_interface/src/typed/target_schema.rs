//! What is asked for, and what an answer is held against.

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

/// The property around what is no object: services take objects only.
pub(super) const WRAP: &str = "value";

/// The form of an answer: what a service is told, and what the answer is checked by.
#[derive(Debug)]
pub(super) struct TargetSchema {
    /// Its name, as it goes out.
    pub(super) name: String,
    /// What it is for, in words for the model.
    pub(super) description: Option<String>,
    /// The schema that goes out: of an object.
    pub(super) asked: Value,
    /// Whether the service is to keep to it exactly, where that was said.
    pub(super) strict: Option<bool>,
    /// Whether the value is the one property of that object.
    pub(super) is_wrapped: bool,
    /// Whether the value is a text, and any text will do.
    pub(super) is_text: bool,
    /// The properties that the schema names, where an object is asked for.
    pub(super) properties: Vec<String>,
    /// By what the value itself is checked, which knows the words that are not sent.
    pub(super) check: SchemaValidator,
}

impl TargetSchema {
    /// The form of what `T` is read from.
    pub(super) fn of_type<T: schemars::JsonSchema>(options: &TypedOptions) -> Result<Self, BotticelliError> {
        let (name, mut schema) = (type_name::<T>(), type_schema::<T>());
        let description = schema.get("description").and_then(Value::as_str).map(str::to_owned);
        let mut checked = with_f32_bounds(schema.clone());
        add_all_bounds(&mut checked);
        let check = SchemaValidator::new(&checked)?;
        add_bounds(&mut schema);
        let said = options.is_strict().then_some(true);
        let (asked, is_wrapped) = asked(&schema, &name, options.is_strict())?;
        let (is_text, properties) = (is_text(&schema), properties(&asked));
        Ok(Self { name, description, asked, strict: said, is_wrapped, is_text, properties, check })
    }

    /// The form of a schema of one's own: made strict where it says so, else sent as it is.
    pub(super) fn of_schema(schema: &OutputSchema) -> Result<Self, BotticelliError> {
        // It may come from a stored file, where nobody has looked at it.
        OutputSchema::new(schema.name(), schema.schema().clone())?;
        let check = SchemaValidator::new(schema.schema())?;
        let (asked, is_wrapped) = asked(schema.schema(), schema.name(), schema.strict() == Some(true))?;
        let description = schema.description().map(str::to_owned);
        let (is_text, properties) = (is_text(schema.schema()), properties(&asked));
        Ok(Self {
            name: schema.name().to_owned(),
            description,
            asked,
            strict: schema.strict(),
            is_wrapped,
            is_text,
            properties,
            check,
        })
    }

    /// As the form of an answer.
    pub(super) fn to_json_schema(&self) -> Result<OutputSchema, BotticelliError> {
        let mut schema = OutputSchema::new(&self.name, self.asked.clone())?;
        if let Some(description) = &self.description {
            schema = schema.with_description(description);
        }
        Ok(match self.strict {
            Some(strict) => schema.with_strict(strict),
            None => schema,
        })
    }
}

/// The schema as it goes out, and whether an object was put around it.
fn asked(schema: &Value, name: &str, is_strict: bool) -> Result<(Value, bool), BotticelliError> {
    let mut asked = if is_strict { strict(schema, name)? } else { schema.clone() };
    if is_object(&asked, schema) {
        return Ok((asked, false));
    }
    let mut wrapped = Map::new();
    wrapped.insert("type".to_owned(), "object".into());
    if !is_strict {
        // Definitions stay where references look for them; what refers to the whole now finds it one level down.
        point_inside(&mut asked);
        for word in ["$schema", "$defs", "definitions"] {
            let moved = asked.as_object_mut().and_then(|schema| schema.shift_remove(word));
            wrapped.extend(moved.map(|moved| (word.to_owned(), moved)));
        }
    }
    let mut properties = Map::new();
    properties.insert(WRAP.to_owned(), asked);
    wrapped.insert("properties".to_owned(), properties.into());
    wrapped.insert("required".to_owned(), json!([WRAP]));
    wrapped.insert("additionalProperties".to_owned(), false.into());
    Ok((wrapped.into(), true))
}

/// Whether the schema says nothing but that the value is a text.
fn is_text(schema: &Value) -> bool {
    let is_said = |word: &str| matches!(word, "type" | "title" | "description" | "$schema" | "deprecated");
    schema.get("type").is_some_and(|kind| kind == "string")
        && schema.as_object().is_some_and(|words| words.keys().all(|word| is_said(word)))
}

/// The names of the properties of the object that `schema` asks for.
fn properties(schema: &Value) -> Vec<String> {
    let whole = referred(schema, schema).unwrap_or(schema);
    let properties = whole.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::keys).cloned().collect()
}

/// The part of `root` that `schema` is a reference to.
fn referred<'a>(schema: &Value, root: &'a Value) -> Option<&'a Value> {
    reference::target(root, schema.get("$ref")?.as_str()?)
}

/// Whether an object is asked for, and nothing but an object.
fn is_object(schema: &Value, root: &Value) -> bool {
    if let Some(target) = referred(schema, root) {
        return target.get("type").is_some_and(|kind| kind == "object");
    }
    match schema.get("type") {
        Some(kind) => kind == "object",
        None => schema.get("properties").is_some(),
    }
}

fn point_inside(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            for (word, value) in fields {
                match value {
                    Value::String(reference) if word == "$ref" => {
                        let is_moved = reference::pointer(reference).is_some_and(|pointer| {
                            !pointer.starts_with("/$defs/") && !pointer.starts_with("/definitions/")
                        });
                        if let Some(inside) = reference.strip_prefix('#').filter(|_| is_moved) {
                            *reference = format!("#/properties/{WRAP}{inside}");
                        }
                    }
                    value => point_inside(value),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(point_inside),
        _ => {}
    }
}

/// A request that asks for something of the kind already.
pub(super) fn reject_conflicting_fields(
    request: &botticelli_core::GenerateRequest,
) -> Result<(), BotticelliError> {
    if let Some(n) = request.n().filter(|n| *n > 1) {
        let (reason, remedy) = ("a typed answer is read from one choice", "leave it out");
        return Err(BuilderError::refused("GenerateRequest", "n", n.to_string(), reason, remedy).into());
    }
    let field = match () {
        () if request.response_format().is_some() => "response_format",
        () if !request.tools().is_empty() => "tools",
        () if request.tool_choice().is_some() => "tool_choice",
        () => return request.validate(),
    };
    let remedy = "leave it out, or call `generate` and read the answer yourself";
    let reason = "a typed answer sets it";
    Err(BuilderError::refused("GenerateRequest", field, "set", reason, remedy).into())
}
