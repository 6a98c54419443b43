//! Requests of OpenAI's batch files.

use botticelli_core::{GenerateRequest, OutputSchema, ResponseFormat, ToolChoice, ToolDefinition};
use serde_json::{Map, Value};

/// The column with the id of a request.
pub(crate) const ID: &str = "custom_id";
/// The columns that make a request.
pub(crate) const COLUMNS: [&str; 3] = ["method", "url", "body"];
/// Fields that do not change the answer, or that a batch has no use for.
const DROPPED: [&str; 7] = [
    "metadata",
    "store",
    "service_tier",
    "stream_options",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
];

/// Returns whether the columns are the keys of a request line.
pub(crate) fn is_request(columns: &Map<String, Value>) -> bool {
    columns.contains_key(ID) && COLUMNS.iter().all(|key| columns.contains_key(*key))
}

/// Returns the request of a line.
///
/// # Errors
///
/// The reason if it is not a chat, or has a field that cannot be sent.
pub(crate) fn request_of(columns: &Map<String, Value>) -> Result<GenerateRequest, String> {
    let text = |key: &str| columns.get(key).and_then(Value::as_str).unwrap_or_default();
    if !text("method").eq_ignore_ascii_case("POST") {
        return Err(format!("`method` is {:?}, use \"POST\"", text("method")));
    }
    if !text("url").trim_end_matches('/').ends_with("/chat/completions") {
        return Err(format!("`url` is {:?}, only \"/v1/chat/completions\" is supported", text("url")));
    }
    match columns.get("body") {
        Some(Value::Object(body)) => request_of_body(body),
        _ => Err("`body` is not an object".to_owned()),
    }
}

fn request_of_body(body: &Map<String, Value>) -> Result<GenerateRequest, String> {
    // A null is the same as a missing field.
    let mut fields: Map<String, Value> = body
        .iter()
        .filter(|(name, value)| !value.is_null() && !DROPPED.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if fields.remove("stream").is_some_and(|stream| stream != false) {
        return Err("`stream` is set, but a batch has whole answers; remove it".to_owned());
    }
    for (name, remedy) in [("functions", "`tools`"), ("function_call", "`tool_choice`")] {
        if fields.contains_key(name) {
            return Err(format!("`{name}` is no longer supported, write {remedy}"));
        }
    }
    if let Some(limit) = fields.remove("max_completion_tokens") {
        fields.insert("max_tokens".to_owned(), limit);
    }
    if let Some(Value::String(word)) = fields.get("stop") {
        fields.insert("stop".to_owned(), vec![word.clone()].into());
    }
    let tools = fields.remove("tools").map(|tools| tools_of(&tools)).transpose()?;
    let choice = fields.remove("tool_choice").map(|choice| choice_of(&choice)).transpose()?;
    let format = fields.remove("response_format").map(|format| format_of(&format)).transpose()?.flatten();
    let mut known = Map::new();
    for name in GenerateRequest::typed_fields() {
        known.extend(fields.remove(name).map(|value| (name.to_owned(), value)));
    }
    let request: GenerateRequest = match serde_json::from_value(Value::Object(known.clone())) {
        Ok(request) => request,
        Err(error) => return Err(reason(known, &error)),
    };
    if request.messages().is_empty() {
        return Err("`body` has no `messages`".to_owned());
    }
    Ok(request
        .with_tools(tools.unwrap_or_default())
        .with_tool_choice(choice)
        .with_response_format(format)
        .with_extra(fields))
}

/// Returns the reason with the name of the first invalid field, which the error of the whole does not have.
fn reason(fields: Map<String, Value>, error: &serde_json::Error) -> String {
    let mut alone = fields.into_iter().map(|(name, value)| (name.clone(), Map::from_iter([(name, value)])));
    let invalid = alone.find_map(|(name, field)| {
        let error = serde_json::from_value::<GenerateRequest>(Value::Object(field)).err()?;
        Some(format!("`{name}`: {error}"))
    });
    invalid.unwrap_or_else(|| format!("`body`: {error}"))
}

fn tools_of(tools: &Value) -> Result<Vec<ToolDefinition>, String> {
    let tools = tools.as_array().ok_or("`tools` is not a list")?;
    tools.iter().map(tool_of).collect()
}

fn tool_of(tool: &Value) -> Result<ToolDefinition, String> {
    let function = function_of(tool).ok_or("only tools of the type `function` are supported")?;
    let name = function.get("name").and_then(Value::as_str).ok_or("a tool has no `name`")?;
    let definition = match function.get("parameters") {
        None | Some(Value::Null) => ToolDefinition::without_arguments(name),
        Some(parameters) => ToolDefinition::new(name, parameters.clone()),
    };
    let mut definition = definition.map_err(|error| error.to_string())?;
    if let Some(description) = function.get("description").and_then(Value::as_str) {
        definition = definition.with_description(description);
    }
    if let Some(strict) = function.get("strict").and_then(Value::as_bool) {
        definition = definition.with_strict(strict);
    }
    Ok(definition)
}

fn choice_of(choice: &Value) -> Result<ToolChoice, String> {
    let name = function_of(choice).and_then(|function| function.get("name")).and_then(Value::as_str);
    match (choice.as_str(), name) {
        (Some("auto"), _) => Ok(ToolChoice::Auto),
        (Some("none"), _) => Ok(ToolChoice::None),
        (Some("required"), _) => Ok(ToolChoice::Required),
        (None, Some(name)) => Ok(ToolChoice::Function(name.to_owned())),
        _ => Err(format!("`tool_choice` is {choice}, write \"auto\", \"none\", \"required\" or a function")),
    }
}

fn function_of(value: &Value) -> Option<&Map<String, Value>> {
    let is_function = value.get("type").and_then(Value::as_str) == Some("function");
    value.get("function").and_then(Value::as_object).filter(|_| is_function)
}

/// Reads a format. Text is the default.
fn format_of(format: &Value) -> Result<Option<ResponseFormat>, String> {
    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(ResponseFormat::JsonObject)),
        Some("json_schema") => {
            let outer = format.get("json_schema").unwrap_or(&Value::Null);
            let name = outer.get("name").and_then(Value::as_str).ok_or("`json_schema` has no `name`")?;
            let schema = outer.get("schema").cloned().ok_or("`json_schema` has no `schema`")?;
            let mut schema = OutputSchema::new(name, schema).map_err(|error| error.to_string())?;
            if let Some(description) = outer.get("description").and_then(Value::as_str) {
                schema = schema.with_description(description);
            }
            if let Some(strict) = outer.get("strict").and_then(Value::as_bool) {
                schema = schema.with_strict(strict);
            }
            Ok(Some(ResponseFormat::JsonSchema(schema)))
        }
        _ => Err(format!("`response_format` is {format}, write the type text, json_object or json_schema")),
    }
}
