//! Values of the right type that are refused all the same.

use super::content::Content;
use super::message::{Message, Role};
use super::request::{ChatRequest, ResponseFormat, Stop};
use crate::dialects::Dialect;
use crate::refusal::{invalid_request, typed, undeserializable, validation};
use crate::script::Script;

const MOST_STOPS: usize = 4;

/// Lets the request pass, or answers it with a refusal.
pub(crate) fn check(request: &ChatRequest, dialect: Dialect) -> Result<(), Script> {
    if request.messages.is_empty() {
        return Err(validation("`messages` must not be empty"));
    }
    for message in &request.messages {
        check_message(message, dialect)?;
    }
    check_options(request)?;
    if dialect.is_tgi() {
        check_for_tgi(request)?;
    }
    Ok(())
}

fn check_message(message: &Message, dialect: Dialect) -> Result<(), Script> {
    let is_said = match message.content {
        Content::Text(_) | Content::Parts(_) => true,
        Content::Null => !dialect.is_tgi(),
        Content::Missing => false,
    };
    if !is_said && !message.has_tool_calls() {
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
    within("temperature", request.temperature, 0.0, 2.0)?;
    within("frequency_penalty", request.frequency_penalty, -2.0, 2.0)?;
    within("presence_penalty", request.presence_penalty, -2.0, 2.0)?;
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

/// What only text-generation-inference refuses: "neutral" values are not neutral there.
fn check_for_tgi(request: &ChatRequest) -> Result<(), Script> {
    if request.top_p.is_some_and(|top_p| top_p >= 1.0) {
        return Err(validation("`top_p` must be > 0.0 and < 1.0"));
    }
    if matches!(request.stop, Some(Stop::One(_))) {
        return Err(undeserializable(&"stop: invalid type: string, expected a sequence"));
    }
    if matches!(request.response_format, Some(ResponseFormat::Text)) {
        return Err(undeserializable(
            &"response_format: unknown variant `text`, expected one of `json`, `json_object`, \
              `json_schema`, `regex`",
        ));
    }
    if request.response_format.is_some() && request.tools.is_some() {
        return Err(typed("Tool error: Grammar and tools are mutually exclusive", "tool_error"));
    }
    let lacks_parameters = request.tools.iter().flatten().any(|tool| tool.function.parameters.is_none());
    if lacks_parameters {
        return Err(undeserializable(&"tools: missing field `parameters`"));
    }
    Ok(())
}

fn within(name: &str, value: Option<f64>, least: f64, most: f64) -> Result<(), Script> {
    match value {
        Some(value) if value < least || value > most => {
            Err(validation(&format!("`{name}` must be >= {least:.1} and <= {most:.1}. Given: {value}")))
        }
        _ => Ok(()),
    }
}
