//! In which form the text of an answer is wanted. Every server spells it in its own way.

use serde_json::{Value, json};

use super::endpoint::{Site, Way};
use super::message::Role;
use super::request::{ChatRequest, FormatKind, ResponseFormat};
use crate::catalog::{Manner, Served};
use crate::dialects::Dialect;
use crate::error_response::{invalid_request, undeserializable};
use crate::schema::{Maker, looseness};
use crate::script::Script;

/// What the text must be.
pub(super) enum Wanted {
    AnyText,
    AnyJson,
    Fitting(Value),
}

/// How a server spells JSON by a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// `json_schema` with `name` and `schema`.
    OpenAi,
    /// `value` beside the type.
    Tgi,
    /// `{"type":"json_object","schema":…}`.
    ObjectWithSchema,
    /// `{"type":"json_schema","schema":…}`.
    BareSchema,
    /// Both of the `OpenAI` form and together's own.
    Together,
}

/// What is wanted, or why it cannot be said like this here.
pub(super) fn wanted(request: &ChatRequest, served: Served, site: &Site) -> Result<Wanted, Script> {
    let Some(format) = &request.response_format else {
        return Ok(Wanted::AnyText);
    };
    let wanted = match spelling(site) {
        Spelling::Tgi => for_tgi(format)?,
        spelling => spelled(format, spelling, request, asks_for_the_word(site))?,
    };
    // Who does not support it does not say so either.
    if served.provider.supports_structured_output == Some(false) && !site.dialect.is_tgi() {
        return Ok(Wanted::AnyText);
    }
    Ok(wanted)
}

fn spelling(site: &Site) -> Spelling {
    match site.provider() {
        _ if site.dialect.is_tgi() => Spelling::Tgi,
        Some("cohere" | "fireworks-ai") => Spelling::ObjectWithSchema,
        Some("together") => Spelling::BareSchema,
        None if site.dialect.is_together() => Spelling::Together,
        Some(_) | None => Spelling::OpenAi,
    }
}

/// Whether JSON must be spoken of before it is asked for.
fn asks_for_the_word(site: &Site) -> bool {
    site.provider() == Some("groq") || (site.way == Way::Chosen && site.dialect == Dialect::Router)
}

fn for_tgi(format: &ResponseFormat) -> Result<Wanted, Script> {
    let missing = |what: &str| Err(undeserializable(&format!("response_format: missing field `{what}`")));
    let Some(value) = &format.value else {
        return missing("value");
    };
    match format.kind {
        FormatKind::Json | FormatKind::JsonObject => Ok(Wanted::Fitting(value.clone())),
        FormatKind::JsonSchema => match (value.get("schema"), value.get("name")) {
            (Some(schema), _) => Ok(Wanted::Fitting(schema.clone())),
            (None, _) => missing("schema"),
        },
        FormatKind::Regex | FormatKind::Text => Ok(Wanted::AnyText),
    }
}

fn spelled(
    format: &ResponseFormat,
    spelling: Spelling,
    request: &ChatRequest,
    asks_for_the_word: bool,
) -> Result<Wanted, Script> {
    let refuse = |message: &str| Err(invalid_request(message, Some("response_format"), None));
    match (format.kind, &format.json_schema, &format.schema) {
        (FormatKind::Text, _, _) => Ok(Wanted::AnyText),
        (FormatKind::JsonObject, _, Some(schema)) if spelling == Spelling::ObjectWithSchema => {
            Ok(Wanted::Fitting(schema.clone()))
        }
        (FormatKind::JsonObject, _, None) => {
            let says_json = |text: String| text.to_lowercase().contains("json");
            let is_said = request.messages.iter().any(|message| says_json(message.content.text()));
            if asks_for_the_word && !is_said {
                return refuse(
                    "'messages' must contain the word 'json' in some form, to use 'response_format' of \
                     type 'json_object'.",
                );
            }
            Ok(Wanted::AnyJson)
        }
        (FormatKind::JsonSchema, _, Some(schema))
            if matches!(spelling, Spelling::BareSchema | Spelling::Together) =>
        {
            Ok(Wanted::Fitting(schema.clone()))
        }
        (FormatKind::JsonSchema, Some(schema), _)
            if matches!(spelling, Spelling::OpenAi | Spelling::Together) =>
        {
            if schema.strict == Some(true)
                && let Some(why) = looseness(&schema.schema)
            {
                return refuse(&format!("Invalid schema for response_format '{}': {why}", schema.name));
            }
            Ok(Wanted::Fitting(schema.schema.clone()))
        }
        (FormatKind::JsonSchema, None, _) if spelling == Spelling::OpenAi => {
            refuse("Missing required parameter: 'response_format.json_schema'.")
        }
        _ => refuse("Invalid 'response_format': this provider does not know this form of it."),
    }
}

/// The JSON text of an answer.
pub(super) fn json_text(
    request: &ChatRequest,
    schema: Option<&Value>,
    served: Served,
    variant: usize,
) -> String {
    let Some(schema) = schema else {
        let echo = request.last_user_text();
        return json!({ "from": "sandbox", "choice": variant, "said": echo }).to_string();
    };
    let mut value = Maker::new(schema, &request.user_texts(), variant).make();
    let forgets = match served.model.manner {
        Manner::Stubborn => true,
        Manner::Forgetful => !was_corrected(request),
        _ => false,
    };
    if forgets {
        forget(&mut value, schema);
    }
    value.to_string()
}

/// Whether the user spoke again after an answer.
fn was_corrected(request: &ChatRequest) -> bool {
    let mut roles = request.messages.iter().map(|message| message.role);
    roles.by_ref().any(|role| role == Role::Assistant) && roles.any(|role| role == Role::User)
}

/// Leaves out the first field that is required, or the whole value where none is.
fn forget(value: &mut Value, schema: &Value) {
    let required = schema.get("required").and_then(Value::as_array).and_then(|names| names.first());
    let name = required.and_then(Value::as_str);
    match (value, name) {
        (Value::Object(fields), Some(name)) if fields.contains_key(name) => {
            fields.remove(name);
        }
        (value, _) => *value = Value::String("I forgot the schema".to_owned()),
    }
}
