//! What is asked, as the service wants it.

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

    /// As the router wants it. Refuses what the service cannot be asked: no model, an impossible value, an input that it
    /// does not take.
    fn try_from(request: GenerateRequest) -> Result<Self, BotticelliError> {
        self::request(&request, Dialect::OpenAi)
    }
}

/// The request, as a server of this dialect wants it.
pub(in crate::huggingface) fn request(
    request: &GenerateRequest,
    dialect: Dialect,
) -> Result<HuggingFaceRequest, BotticelliError> {
    request.validate()?;
    refuse_what_the_driver_sets(request)?;
    let Some(model) = request.model() else {
        let remedy = "name one, as openai/gpt-oss-20b:cheapest";
        return Err(BuilderError::missing("GenerateRequest", "model", remedy).into());
    };
    check_served_model(model)?;
    let mut messages = Vec::with_capacity(request.messages().len());
    for message in request.messages() {
        push_message(message, dialect, &mut messages)?;
    }
    if messages.is_empty() {
        let reason = "nothing would be sent: empty assistant turns are left out";
        let remedy = "add a user message with a text";
        return Err(
            BuilderError::refused("GenerateRequest", "messages", "empty turns", reason, remedy).into()
        );
    }
    // Several servers fail on a null, wherever it comes from: what is null is not set.
    let mut extra = request.extra().clone();
    extra.retain(|_, value| !value.is_null());
    let mut dto = HuggingFaceRequest::builder()
        .model(model)
        .messages(messages)
        .stop(request.stop().to_vec())
        .logit_bias(request.logit_bias().clone())
        .tools(request.tools().iter().map(tool).collect::<Result<_, _>>()?)
        .extra(extra);
    macro_rules! set {
        ($($field:ident),*) => {$(
            if let Some(value) = request.$field() {
                dto = dto.$field(value);
            }
        )*};
    }
    set!(temperature, top_p, frequency_penalty, presence_penalty, seed, n, logprobs, top_logprobs);
    set!(parallel_tool_calls, user);
    // The same limit under two names is refused: the caller's own name for it counts.
    if let Some(limit) =
        request.max_tokens().filter(|_| !request.extra().contains_key("max_completion_tokens"))
    {
        dto = dto.max_tokens(limit);
    }
    if let Some(choice) = request.tool_choice() {
        dto = dto.tool_choice(tool_choice(choice)?);
    }
    if let Some(format) = request.response_format() {
        refuse_tools_beside(!request.tools().is_empty(), dialect)?;
        dto = dto.response_format(format::response_format(format, dialect)?);
    }
    if let Some(effort) = request.reasoning_effort() {
        dto = dto.reasoning_effort(effort.as_str());
    }
    dto.build()
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
        _ => return Err(ModelsError::unsupported(PROVIDER, "this choice of tools", "take another").into()),
    })
}

/// TGI answers the two together with an error, so they need not travel.
fn refuse_tools_beside(has_tools: bool, dialect: Dialect) -> Result<(), BotticelliError> {
    if has_tools && dialect == Dialect::Tgi {
        let what = "tools together with a form of the answer";
        let remedy = "this server (text-generation-inference) takes one of them: ask for the form in a tool's arguments, \
                      or in a second call";
        return Err(ModelsError::unsupported(PROVIDER, what, remedy).into());
    }
    Ok(())
}

/// Fields that would change what comes back, behind the driver's back.
fn refuse_what_the_driver_sets(request: &GenerateRequest) -> Result<(), BotticelliError> {
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

/// One message of ours may be several of theirs: each tool result is a turn of its own.
fn push_message(
    message: &Message,
    dialect: Dialect,
    messages: &mut Vec<HuggingFaceMessage>,
) -> Result<(), BotticelliError> {
    let mut parts = Vec::with_capacity(message.content().len());
    for input in message.content() {
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
    if message.role() == Role::Tool && !parts.is_empty() {
        let reason = "it does not say which call it answers";
        let remedy = "use Message::tool(id, content)";
        return Err(BuilderError::refused("Message", "content", "plain text", reason, remedy).into());
    }
    // Several providers refuse a conversation with an empty assistant turn in it, and an answer of reasoning alone is one.
    let says_nothing =
        |part: &HuggingFacePart| matches!(part, HuggingFacePart::Text { text } if text.trim().is_empty());
    let is_silent = parts.is_empty() || message.role() == Role::Assistant && parts.iter().all(says_nothing);
    let calls = message.tool_calls().iter().map(tool_call).collect::<Result<Vec<_>, _>>()?;
    if is_silent && calls.is_empty() {
        return Ok(());
    }
    let mut dto = HuggingFaceMessage::builder().role(message.role().as_str());
    match (dialect, content(parts).filter(|_| !is_silent)) {
        // TGI looks at the text or at the calls of a turn, never at both, and the results need their calls.
        (Dialect::Tgi, _) if !calls.is_empty() => {}
        (_, Some(content)) => dto = dto.content(content),
        // As OpenAI sends it: servers that mirror it require the key.
        (_, None) => dto = dto.content(HuggingFaceContent::Null),
    }
    if let Some(reasoning) = message.reasoning() {
        dto = dto.reasoning_content(reasoning);
    }
    if let Some(name) = message.name() {
        dto = dto.name(name);
    }
    messages.push(dto.tool_calls(calls).build()?);
    Ok(())
}

/// Texts alone are one string, which every server takes, with a line for each; anything else is a list of parts.
fn content(mut parts: Vec<HuggingFacePart>) -> Option<HuggingFaceContent> {
    if let [HuggingFacePart::Text { text }] = parts.as_mut_slice() {
        return Some(HuggingFaceContent::Text(std::mem::take(text)));
    }
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
    HuggingFaceToolCall::builder().id(call.id()).kind("function").function(function).build()
}

/// The arguments of a call that goes back, as a JSON object: servers parse them, and refuse a conversation with other text there for
/// ever. What the model wrote stands in the object, and the result of the call says what was wrong with it.
fn readable_arguments(written: &str) -> Cow<'_, str> {
    if written.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(written).is_ok() {
        return Cow::Borrowed(written);
    }
    Cow::Owned(json!({ "invalid_arguments": written }).to_string())
}

fn unsupported(input: &Input) -> BotticelliError {
    let remedy = "chat completions take text, images, sound, documents and tool results";
    ModelsError::unsupported(PROVIDER, input.describe(), remedy).into()
}
