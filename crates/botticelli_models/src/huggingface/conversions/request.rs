//! Converts chat requests.

use super::format;
use super::media;
use crate::huggingface::Dialect;
use crate::huggingface::PROVIDER;
use crate::huggingface::dto::{
    HuggingFaceContent, HuggingFaceFunction, HuggingFaceMessage, HuggingFacePart, HuggingFaceRequest,
    HuggingFaceTool, HuggingFaceToolCall, HuggingFaceToolChoice, HuggingFaceToolFunction,
};
use crate::huggingface::routing::model_name::check_served_model;
use botticelli_core::{GenerateRequest, Input, Message, Role, ToolCall, ToolChoice, ToolDefinition};
use botticelli_error::{BotticelliError, BuilderError, ModelsError};
use serde::de::IgnoredAny;
use serde_json::json;
use std::borrow::Cow;

impl TryFrom<GenerateRequest> for HuggingFaceRequest {
    type Error = BotticelliError;

    /// Converts the request for the router. Fails on a missing model, an invalid value or an unsupported input.
    fn try_from(request: GenerateRequest) -> Result<Self, BotticelliError> {
        check(&request)?;
        let Some(model) = request.model() else {
            let remedy = "set one, such as openai/gpt-oss-20b:cheapest";
            return Err(BuilderError::missing("GenerateRequest", "model", remedy).into());
        };
        check_served_model(model)?;
        convert(&request, model, Dialect::OpenAi)
    }
}

/// Returns the request to `model`, a valid name, on a server with this dialect.
pub(in crate::huggingface) fn request(
    request: &GenerateRequest,
    model: &str,
    dialect: Dialect,
) -> Result<HuggingFaceRequest, BotticelliError> {
    check(request)?;
    convert(request, model, dialect)
}

fn check(request: &GenerateRequest) -> Result<(), BotticelliError> {
    request.validate()?;
    reject_driver_fields(request)
}

fn convert(
    request: &GenerateRequest,
    model: &str,
    dialect: Dialect,
) -> Result<HuggingFaceRequest, BotticelliError> {
    let mut messages = Vec::with_capacity(request.messages().len());
    for message in request.messages() {
        push_message(message, dialect, &mut messages)?;
    }
    if messages.is_empty() {
        let reason = "empty assistant turns are not sent, so no message is left";
        let remedy = "add a user message with text";
        return Err(
            BuilderError::refused("GenerateRequest", "messages", "empty turns", reason, remedy).into()
        );
    }
    // Several servers fail on a null, so fields with a null are left out.
    let mut extra = request.extra().clone();
    extra.retain(|_, value| !value.is_null());
    let has_other_limit = extra.contains_key("max_completion_tokens");
    let response_format = request.response_format().map(|format| {
        reject_tools_with_format(!request.tools().is_empty(), dialect)?;
        format::response_format(format, dialect).map(Box::new)
    });
    Ok(HuggingFaceRequest {
        model: model.to_owned(),
        messages,
        // Servers reject the same limit under two names, so the name that the caller used counts.
        max_tokens: request.max_tokens().filter(|_| !has_other_limit),
        max_completion_tokens: None,
        temperature: request.temperature(),
        top_p: request.top_p(),
        frequency_penalty: request.frequency_penalty(),
        presence_penalty: request.presence_penalty(),
        seed: request.seed(),
        stop: request.stop().to_vec(),
        n: request.n(),
        logprobs: request.logprobs(),
        top_logprobs: request.top_logprobs(),
        logit_bias: request.logit_bias().clone(),
        tools: request.tools().iter().map(tool).collect::<Result<_, _>>()?,
        tool_choice: request.tool_choice().map(tool_choice).transpose()?,
        parallel_tool_calls: request.parallel_tool_calls(),
        response_format: response_format.transpose()?,
        reasoning_effort: request.reasoning_effort().map(|effort| effort.as_str().to_owned()),
        user: request.user().map(str::to_owned),
        stream: None,
        stream_options: None,
        extra,
    })
}

fn tool(tool: &ToolDefinition) -> Result<HuggingFaceTool, BotticelliError> {
    let mut function =
        HuggingFaceToolFunction::builder().name(tool.name()).parameters(tool.parameters().clone());
    if let Some(description) = tool.description() {
        function = function.description(description);
    }
    if let Some(strict) = tool.strict() {
        function = function.strict(strict);
    }
    HuggingFaceTool::builder().function(function.build()?).build()
}

fn tool_choice(choice: &ToolChoice) -> Result<HuggingFaceToolChoice, BotticelliError> {
    Ok(match choice {
        ToolChoice::Auto => HuggingFaceToolChoice::Word("auto"),
        ToolChoice::None => HuggingFaceToolChoice::Word("none"),
        ToolChoice::Required => HuggingFaceToolChoice::Word("required"),
        ToolChoice::Function(name) => HuggingFaceToolChoice::function(name),
        _ => return Err(ModelsError::unsupported(PROVIDER, "this tool choice", "use another one").into()),
    })
}

/// Rejects tools together with a response format for TGI, which would return an error.
fn reject_tools_with_format(has_tools: bool, dialect: Dialect) -> Result<(), BotticelliError> {
    if has_tools && dialect == Dialect::Tgi {
        let what = "tools together with a response format";
        let remedy = "text-generation-inference supports only one of them: describe the format as a tool's parameters, or \
                      request it in a second call";
        return Err(ModelsError::unsupported(PROVIDER, what, remedy).into());
    }
    Ok(())
}

/// Rejects fields that would change the kind of response behind the driver's back.
fn reject_driver_fields(request: &GenerateRequest) -> Result<(), BotticelliError> {
    let extra = request.extra();
    for name in ["stream", "stream_options"] {
        if extra.contains_key(name) {
            let remedy = "call `generate` or `generate_stream` instead";
            let field = format!("extra.{name}");
            return Err(
                BuilderError::refused("GenerateRequest", field, "set", "the driver sets it", remedy).into()
            );
        }
    }
    Ok(())
}

/// Converts a message. Each tool result becomes a message of the `tool` role.
fn push_message(
    message: &Message,
    dialect: Dialect,
    messages: &mut Vec<HuggingFaceMessage>,
) -> Result<(), BotticelliError> {
    let content = match message.content() {
        // Nearly all messages are one text.
        [Input::Text(text)] => Some(HuggingFaceContent::Text(text.clone())),
        inputs => content(parts(inputs, messages)?),
    };
    if message.role() == Role::Tool && content.is_some() {
        let reason = "a tool message must name the call it responds to";
        let remedy = "use Message::tool(id, content)";
        return Err(BuilderError::refused("Message", "content", "plain text", reason, remedy).into());
    }
    // Several providers reject an empty assistant turn. A response with reasoning only is one.
    let content = content.filter(|content| message.role() != Role::Assistant || !is_blank(content));
    let calls = message.tool_calls().iter().map(tool_call).collect::<Result<Vec<_>, _>>()?;
    if content.is_none() && calls.is_empty() {
        return Ok(());
    }
    messages.push(HuggingFaceMessage {
        role: message.role().as_str().to_owned(),
        // TGI reads either the text or the calls of a turn. The calls matter more, because the results refer to them. Elsewhere a null
        // is sent, because OpenAI sends it, and servers that copy its API require the key.
        content: (dialect != Dialect::Tgi || calls.is_empty())
            .then(|| content.unwrap_or(HuggingFaceContent::Null)),
        name: message.name().map(str::to_owned),
        tool_calls: calls,
        reasoning_content: message.reasoning().map(str::to_owned),
        tool_call_id: None,
    });
    Ok(())
}

fn is_blank(content: &HuggingFaceContent) -> bool {
    matches!(content, HuggingFaceContent::Text(text) if text.trim().is_empty())
}

/// Converts the parts of a message, except tool results, which become messages.
fn parts(
    inputs: &[Input],
    messages: &mut Vec<HuggingFaceMessage>,
) -> Result<Vec<HuggingFacePart>, BotticelliError> {
    let mut parts = Vec::with_capacity(inputs.len());
    for input in inputs {
        match input {
            Input::Text(text) => parts.push(HuggingFacePart::Text { text: text.clone() }),
            Input::Image(source) => parts.push(media::image(source)?),
            Input::Audio(source) => parts.push(media::audio(source)?),
            Input::Document(source) => parts.push(media::document(source)?),
            Input::ToolResult { id, content } => messages.push(
                HuggingFaceMessage::builder()
                    .role(Role::Tool.as_str())
                    .tool_call_id(id)
                    .content(HuggingFaceContent::Text(content.clone()))
                    .build()?,
            ),
            other => return Err(unsupported(other)),
        }
    }
    Ok(parts)
}

/// Joins texts into one string, one line each, which every server supports. Other content becomes a list of parts.
fn content(parts: Vec<HuggingFacePart>) -> Option<HuggingFaceContent> {
    let mut texts = Vec::with_capacity(parts.len());
    for part in &parts {
        match part {
            HuggingFacePart::Text { text } => texts.push(text.as_str()),
            _ => return Some(HuggingFaceContent::Parts(parts)),
        }
    }
    (!texts.is_empty()).then(|| HuggingFaceContent::Text(texts.join("\n")))
}

fn tool_call(call: &ToolCall) -> Result<HuggingFaceToolCall, BotticelliError> {
    let arguments = readable_arguments(call.arguments_text());
    let function = HuggingFaceFunction::builder().name(call.name()).arguments(arguments).build()?;
    let dto = HuggingFaceToolCall::builder().id(call.id()).kind("function").function(function);
    match call.extra_content() {
        Some(extra_content) => dto.extra_content(Box::new(extra_content.clone())).build(),
        None => dto.build(),
    }
}

/// Returns the arguments of an earlier call as a JSON object. Servers parse them, and reject the whole conversation if they are
/// invalid. Invalid arguments are wrapped in an object; the result of the call explains the mistake.
fn readable_arguments(written: &str) -> Cow<'_, str> {
    if written.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(written).is_ok() {
        return Cow::Borrowed(written);
    }
    Cow::Owned(json!({ "invalid_arguments": written }).to_string())
}

fn unsupported(input: &Input) -> BotticelliError {
    let remedy = "use text, images, audio, documents or tool results";
    ModelsError::unsupported(PROVIDER, input.describe(), remedy).into()
}
