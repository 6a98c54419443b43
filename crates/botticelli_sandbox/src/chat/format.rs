//! Output formats. Each server has its own syntax for them.

use serde_json::{Value, json};

use super::endpoint::{Endpoint, ModelLookup};
use super::message::Role;
use super::request::{ChatRequest, FormatKind, ResponseFormat};
use crate::catalog::{Behavior, ServedModel};
use crate::dialects::Dialect;
use crate::error_response::{invalid_request, undeserializable};
use crate::schema::{InstanceGenerator, strict_violation};
use crate::script::Script;

/// Required format of the response text.
pub(super) enum OutputFormat {
    Text,
    AnyJson,
    Schema(Value),
}

/// Syntax of a server for JSON with a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FormatSyntax {
    /// `json_schema` with `name` and `schema`.
    OpenAi,
    /// `value` next to the type.
    Tgi,
    /// `{"type":"json_object","schema":…}`.
    ObjectWithSchema,
    /// `{"type":"json_schema","schema":…}`.
    BareSchema,
    /// Both the `OpenAI` syntax and `BareSchema`.
    Together,
}

/// Returns the requested output format. The error is an error response.
pub(super) fn output_format(
    request: &ChatRequest,
    served: ServedModel,
    endpoint: &Endpoint,
) -> Result<OutputFormat, Script> {
    let Some(format) = &request.response_format else {
        return Ok(OutputFormat::Text);
    };
    let output_format = match syntax(endpoint) {
        FormatSyntax::Tgi => tgi_format(format)?,
        syntax => openai_format(format, syntax, request, requires_the_word_json(endpoint))?,
    };
    // A provider without support ignores the format silently.
    if served.provider.supports_structured_output == Some(false) && !endpoint.dialect.is_tgi() {
        return Ok(OutputFormat::Text);
    }
    Ok(output_format)
}

fn syntax(endpoint: &Endpoint) -> FormatSyntax {
    match endpoint.provider() {
        _ if endpoint.dialect.is_tgi() => FormatSyntax::Tgi,
        Some("cohere" | "fireworks-ai") => FormatSyntax::ObjectWithSchema,
        Some("together") => FormatSyntax::BareSchema,
        None if endpoint.dialect.is_together() => FormatSyntax::Together,
        Some(_) | None => FormatSyntax::OpenAi,
    }
}

/// Returns whether the messages must contain the word "json".
fn requires_the_word_json(endpoint: &Endpoint) -> bool {
    endpoint.provider() == Some("groq")
        || (endpoint.lookup == ModelLookup::HubId && endpoint.dialect == Dialect::Router)
}

fn tgi_format(format: &ResponseFormat) -> Result<OutputFormat, Script> {
    let missing = |what: &str| Err(undeserializable(&format!("response_format: missing field `{what}`")));
    let Some(value) = &format.value else {
        return missing("value");
    };
    match format.kind {
        FormatKind::Json | FormatKind::JsonObject => Ok(OutputFormat::Schema(value.clone())),
        FormatKind::JsonSchema => match (value.get("schema"), value.get("name")) {
            (Some(schema), _) => Ok(OutputFormat::Schema(schema.clone())),
            (None, _) => missing("schema"),
        },
        FormatKind::Regex | FormatKind::Text => Ok(OutputFormat::Text),
    }
}

fn openai_format(
    format: &ResponseFormat,
    syntax: FormatSyntax,
    request: &ChatRequest,
    requires_the_word_json: bool,
) -> Result<OutputFormat, Script> {
    let refuse = |message: &str| Err(invalid_request(message, Some("response_format"), None));
    match (format.kind, &format.json_schema, &format.schema) {
        (FormatKind::Text, _, _) => Ok(OutputFormat::Text),
        (FormatKind::JsonObject, _, Some(schema)) if syntax == FormatSyntax::ObjectWithSchema => {
            Ok(OutputFormat::Schema(schema.clone()))
        }
        (FormatKind::JsonObject, _, None) => {
            let mentions_json = |text: String| text.to_lowercase().contains("json");
            let is_mentioned = request.messages.iter().any(|message| mentions_json(message.content.text()));
            if requires_the_word_json && !is_mentioned {
                return refuse(
                    "'messages' must contain the word 'json' in some form, to use 'response_format' of \
                     type 'json_object'.",
                );
            }
            Ok(OutputFormat::AnyJson)
        }
        (FormatKind::JsonSchema, _, Some(schema))
            if matches!(syntax, FormatSyntax::BareSchema | FormatSyntax::Together) =>
        {
            Ok(OutputFormat::Schema(schema.clone()))
        }
        (FormatKind::JsonSchema, Some(schema), _)
            if matches!(syntax, FormatSyntax::OpenAi | FormatSyntax::Together) =>
        {
            if schema.strict == Some(true)
                && let Some(violation) = strict_violation(&schema.schema)
            {
                return refuse(&format!("Invalid schema for response_format '{}': {violation}", schema.name));
            }
            Ok(OutputFormat::Schema(schema.schema.clone()))
        }
        (FormatKind::JsonSchema, None, _) if syntax == FormatSyntax::OpenAi => {
            refuse("Missing required parameter: 'response_format.json_schema'.")
        }
        _ => refuse("Invalid 'response_format': this provider does not know this form of it."),
    }
}

/// Returns the JSON text of a response.
pub(super) fn json_text(
    request: &ChatRequest,
    schema: Option<&Value>,
    served: ServedModel,
    variant: usize,
) -> String {
    let Some(schema) = schema else {
        let echo = request.last_user_text();
        return json!({ "from": "sandbox", "choice": variant, "said": echo }).to_string();
    };
    let mut value = InstanceGenerator::new(schema, &request.user_texts(), variant).generate();
    let drops_field = match served.model.behavior {
        Behavior::Stubborn => true,
        Behavior::Forgetful => !was_corrected(request),
        _ => false,
    };
    if drops_field {
        drop_required_field(&mut value, schema);
    }
    value.to_string()
}

/// Returns whether a user message follows an assistant message.
fn was_corrected(request: &ChatRequest) -> bool {
    let mut roles = request.messages.iter().map(|message| message.role);
    roles.by_ref().any(|role| role == Role::Assistant) && roles.any(|role| role == Role::User)
}

/// Removes the first required field, or replaces a value without required fields.
fn drop_required_field(value: &mut Value, schema: &Value) {
    let required = schema.get("required").and_then(Value::as_array).and_then(|names| names.first());
    let name = required.and_then(Value::as_str);
    match (value, name) {
        (Value::Object(fields), Some(name)) if fields.contains_key(name) => {
            fields.remove(name);
        }
        (value, _) => *value = Value::String("I forgot the schema".to_owned()),
    }
}
