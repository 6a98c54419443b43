//! Validation of values that have the right type.

use super::content::Content;
use super::endpoint::Endpoint;
use super::message::{Message, Role};
use super::reasoning::{efforts, is_effort};
use super::request::{ChatRequest, FormatKind, Stop, ToolChoice};
use crate::catalog::ServedModel;
use crate::dialects::Dialect;
use crate::error_response::{invalid_request, typed, undeserializable, validation};
use crate::schema::strict_violation;
use crate::script::Script;

const MOST_STOPS: usize = 4;
const MOST_CHOICES: u32 = 16;

/// Maximum length of a function name, in bytes.
const LONGEST_NAME: usize = 64;

/// Validates a request. The error is an error response.
pub(super) fn check(request: &ChatRequest, served: ServedModel, endpoint: &Endpoint) -> Result<(), Script> {
    let dialect = endpoint.dialect;
    if request.messages.is_empty() {
        return Err(validation("`messages` must not be empty"));
    }
    for message in &request.messages {
        check_message(message, dialect)?;
    }
    if matches!(request.tool_choice, Some(ToolChoice::Name(_))) && !dialect.is_tgi() {
        return Err(undeserializable(&"data did not match any variant of untagged enum ToolChoice"));
    }
    check_options(request)?;
    if dialect.is_tgi() {
        return check_for_tgi(request);
    }
    check_for_others(request, served)?;
    if dialect == Dialect::Cerebras || served.provider.name == "cerebras" {
        check_for_cerebras(request)?;
    }
    Ok(())
}

fn check_message(message: &Message, dialect: Dialect) -> Result<(), Script> {
    let has_content = match message.content {
        Content::Text(_) | Content::Parts(_) => true,
        Content::Null => !dialect.is_tgi(),
        Content::Missing => false,
    };
    if !has_content && !message.has_tool_calls() {
        return Err(undeserializable(&"data did not match any variant of untagged enum MessageBody"));
    }
    if message.role == Role::Tool && message.tool_call_id.is_none() && !dialect.is_tgi() {
        return Err(validation("a `tool` message needs its `tool_call_id`"));
    }
    Ok(())
}

fn check_options(request: &ChatRequest) -> Result<(), Script> {
    if request.max_tokens == Some(0) || request.max_completion_tokens == Some(0) {
        return Err(validation("`max_new_tokens` must be strictly positive"));
    }
    check_range("temperature", request.temperature, 0.0, 2.0)?;
    check_range("frequency_penalty", request.frequency_penalty, -2.0, 2.0)?;
    check_range("presence_penalty", request.presence_penalty, -2.0, 2.0)?;
    if request.top_p.is_some_and(|top_p| top_p <= 0.0 || top_p > 1.0) {
        return Err(validation("`top_p` must be > 0.0 and <= 1.0"));
    }
    let stops = request.stops().len();
    if stops > MOST_STOPS {
        return Err(validation(&format!(
            "`stop` supports up to {MOST_STOPS} stop sequences. Given: {stops}"
        )));
    }
    if request.stream_options.is_some() && !request.is_streamed() {
        return Err(invalid_request(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            Some("stream_options"),
            None,
        ));
    }
    if request.forces_a_tool() && request.tools.is_none() {
        return Err(invalid_request(
            "'tool_choice' is only allowed when 'tools' are specified.",
            Some("tool_choice"),
            None,
        ));
    }
    if request.top_logprobs.is_some() && request.logprobs != Some(true) {
        return Err(invalid_request(
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
            Some("top_logprobs"),
            None,
        ));
    }
    Ok(())
}

/// Checks rules of text-generation-inference only. It rejects some neutral values, such as `top_p:
/// 1`.
fn check_for_tgi(request: &ChatRequest) -> Result<(), Script> {
    if request.top_p.is_some_and(|top_p| top_p >= 1.0) {
        return Err(validation("`top_p` must be > 0.0 and < 1.0"));
    }
    if matches!(request.stop, Some(Stop::One(_))) {
        return Err(undeserializable(&"stop: invalid type: string, expected a sequence"));
    }
    if request.response_format.as_ref().is_some_and(|format| format.kind == FormatKind::Text) {
        return Err(undeserializable(
            &"response_format: unknown variant `text`, expected one of `json`, `json_object`, \
              `json_schema`, `regex`",
        ));
    }
    if request.response_format.is_some() && request.tools.is_some() {
        return Err(typed("Tool error: Grammar and tools are mutually exclusive", "tool_error"));
    }
    if request.top_logprobs.is_some_and(|count| count > 5) {
        return Err(validation("`top_n_tokens` must be >= 0 and <= 5"));
    }
    let lacks_parameters = request.tools.iter().flatten().any(|tool| tool.function.parameters.is_none());
    if lacks_parameters {
        return Err(undeserializable(&"tools: missing field `parameters`"));
    }
    let requested_tool = match &request.tool_choice {
        Some(ToolChoice::Name(name)) => Some(name),
        Some(ToolChoice::Function { function, .. }) => Some(&function.name),
        Some(ToolChoice::Word(_)) | None => None,
    };
    match requested_tool.filter(|name| !has_tool(request, name)) {
        Some(name) => Err(typed(&format!("Tool error: Tool with name {name} not found"), "tool_error")),
        None => Ok(()),
    }
}

fn has_tool(request: &ChatRequest, name: &str) -> bool {
    request.tools().iter().any(|tool| tool.function.name == name)
}

/// Checks rules that text-generation-inference does not enforce.
fn check_for_others(request: &ChatRequest, served: ServedModel) -> Result<(), Script> {
    check_tools(request, served)?;
    check_tool_results(request)?;
    let refuse = |message: &str, param: &str| Err(invalid_request(message, Some(param), None));
    if let Some(ToolChoice::Function { function, .. }) = &request.tool_choice
        && !has_tool(request, &function.name)
    {
        let message = format!("Tool choice '{}' not found in 'tools' parameter.", function.name);
        return refuse(&message, "tool_choice");
    }
    if request.response_format.as_ref().is_some_and(|format| !format.kind.is_known_to_openai()) {
        return Err(undeserializable(
            &"response_format: unknown variant, expected one of `text`, `json_object`, `json_schema`",
        ));
    }
    if request.n.is_some_and(|count| !(1..=MOST_CHOICES).contains(&count)) {
        return refuse(&format!("'n' must be between 1 and {MOST_CHOICES}."), "n");
    }
    if request.top_logprobs.is_some_and(|count| count > 20) {
        return refuse("'top_logprobs' must be between 0 and 20.", "top_logprobs");
    }
    match &request.reasoning_effort {
        Some(word) if !is_effort(word) => {
            let message = format!(
                "Invalid value: '{word}'. Supported values for 'reasoning_effort' are: {}.",
                efforts()
            );
            Err(invalid_request(&message, Some("reasoning_effort"), Some("invalid_value")))
        }
        _ => Ok(()),
    }
}

fn check_tools(request: &ChatRequest, served: ServedModel) -> Result<(), Script> {
    let tools = request.tools();
    if tools.is_empty() {
        return Ok(());
    }
    if served.provider.supports_tools == Some(false) {
        let message =
            format!("'tools' is not supported for this model by the provider {}.", served.provider.name);
        return Err(invalid_request(&message, Some("tools"), None));
    }
    for (place, tool) in tools.iter().enumerate() {
        let name = &tool.function.name;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_plain) {
            let param = format!("tools[{place}].function.name");
            let message = format!(
                "Invalid '{param}': string does not match pattern. Expected a string that matches the \
                 pattern '^[a-zA-Z0-9_-]{{1,{LONGEST_NAME}}}$'."
            );
            return Err(invalid_request(&message, Some(&param), Some("invalid_value")));
        }
        if tools.iter().take(place).any(|other| other.function.name == *name) {
            return Err(invalid_request("Tool names must be unique.", Some("tools"), None));
        }
        let parameters = tool.function.parameters.as_ref();
        if let (Some(true), Some(violation)) = (tool.function.strict, parameters.and_then(strict_violation)) {
            let param = format!("tools[{place}].function.parameters");
            let message = format!("Invalid schema for function '{name}': {violation}");
            return Err(invalid_request(&message, Some(&param), Some("invalid_function_parameters")));
        }
    }
    Ok(())
}

/// Checks that every tool result refers to an earlier call.
fn check_tool_results(request: &ChatRequest) -> Result<(), Script> {
    for (place, message) in request.messages.iter().enumerate() {
        let Some(id) = message.tool_call_id.as_deref().filter(|_| message.role == Role::Tool) else {
            continue;
        };
        let mut earlier = request.messages.iter().take(place).flat_map(Message::calls);
        if !earlier.any(|call| call.id == id) {
            let message = format!(
                "Invalid parameter: 'tool_call_id' of '{id}' not found in 'tool_calls' of a previous message."
            );
            return Err(invalid_request(&message, Some(&format!("messages.[{place}].tool_call_id")), None));
        }
    }
    Ok(())
}

/// Checks rules of cerebras, which rejects fields that other servers ignore.
fn check_for_cerebras(request: &ChatRequest) -> Result<(), Script> {
    let refuse = |property: &str| {
        let message = format!("property '{property}' is unsupported");
        Err(invalid_request(&message, Some(property), Some("wrong_api_format")))
    };
    let replays = |message: &Message| message.reasoning_content.is_some();
    if let Some(place) = request.messages.iter().position(replays) {
        return refuse(&format!("messages.{place}.assistant.reasoning_content"));
    }
    if request.store.is_some() {
        return refuse("store");
    }
    Ok(())
}

fn check_range(name: &str, value: Option<f64>, least: f64, most: f64) -> Result<(), Script> {
    match value {
        Some(value) if value < least || value > most => {
            Err(validation(&format!("`{name}` must be >= {least:.1} and <= {most:.1}. Given: {value}")))
        }
        _ => Ok(()),
    }
}
