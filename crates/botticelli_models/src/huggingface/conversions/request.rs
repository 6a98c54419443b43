//! What is asked, as the service wants it.

use crate::huggingface::dto::{
    HuggingFaceContent, HuggingFaceFunction, HuggingFaceImageUrl, HuggingFaceMessage, HuggingFacePart,
    HuggingFaceRequest, HuggingFaceToolCall,
};
use crate::huggingface::{PROVIDER, route};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use botticelli_core::{GenerateRequest, Input, MediaSource, Message, Role, ToolCall};
use botticelli_error::{BotticelliError, BuilderError, ModelsError};

impl TryFrom<GenerateRequest> for HuggingFaceRequest {
    type Error = BotticelliError;

    /// Refuses what the service cannot be asked: no model, an impossible value, an input that it does not take.
    fn try_from(request: GenerateRequest) -> Result<Self, BotticelliError> {
        request.validate()?;
        refuse_what_the_driver_sets(&request)?;
        let Some(model) = request.model() else {
            let remedy = "name one, as openai/gpt-oss-20b:cheapest";
            return Err(BuilderError::missing("GenerateRequest", "model", remedy).into());
        };
        route::check_model(model)?;
        let mut messages = Vec::with_capacity(request.messages().len());
        for message in request.messages() {
            push_message(message, &mut messages)?;
        }
        // Several servers fail on a null, wherever it comes from: what is null is not set.
        let mut extra = request.extra().clone();
        extra.retain(|_, value| !value.is_null());
        let mut dto =
            Self::builder().model(model).messages(messages).stop(request.stop().to_vec()).extra(extra);
        if let Some(max_tokens) = request.max_tokens() {
            dto = dto.max_tokens(max_tokens);
        }
        if let Some(temperature) = request.temperature() {
            dto = dto.temperature(temperature);
        }
        if let Some(top_p) = request.top_p() {
            dto = dto.top_p(top_p);
        }
        if let Some(penalty) = request.frequency_penalty() {
            dto = dto.frequency_penalty(penalty);
        }
        if let Some(penalty) = request.presence_penalty() {
            dto = dto.presence_penalty(penalty);
        }
        if let Some(seed) = request.seed() {
            dto = dto.seed(seed);
        }
        dto.build()
    }
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
    match extra.get("n") {
        Some(n) if n.as_u64() != Some(1) => {
            let reason = "only one answer a call can be read so far";
            let remedy = "leave it out and call as often as you want answers";
            Err(BuilderError::refused("GenerateRequest", "extra.n", n.to_string(), reason, remedy).into())
        }
        _ => Ok(()),
    }
}

/// One message of ours may be several of theirs: each tool result is a turn of its own.
fn push_message(message: &Message, messages: &mut Vec<HuggingFaceMessage>) -> Result<(), BotticelliError> {
    let mut parts = Vec::with_capacity(message.content().len());
    for input in message.content() {
        match input {
            Input::Text(text) => parts.push(HuggingFacePart::Text { text: text.clone() }),
            Input::Image(source) => parts.push(HuggingFacePart::ImageUrl { image_url: image_url(source)? }),
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
    if parts.is_empty() && message.tool_calls().is_empty() {
        return Ok(());
    }
    let mut dto = HuggingFaceMessage::builder().role(message.role().as_str());
    if let Some(content) = content(parts) {
        dto = dto.content(content);
    }
    if let Some(name) = message.name() {
        dto = dto.name(name);
    }
    let calls = message.tool_calls().iter().map(tool_call).collect::<Result<Vec<_>, _>>()?;
    messages.push(dto.tool_calls(calls).build()?);
    Ok(())
}

/// One text is a string, which every server takes; anything else is a list of parts.
fn content(mut parts: Vec<HuggingFacePart>) -> Option<HuggingFaceContent> {
    if let [HuggingFacePart::Text { text }] = parts.as_mut_slice() {
        return Some(HuggingFaceContent::Text(std::mem::take(text)));
    }
    (!parts.is_empty()).then_some(HuggingFaceContent::Parts(parts))
}

fn image_url(source: &MediaSource) -> Result<HuggingFaceImageUrl, BotticelliError> {
    let url = match source {
        MediaSource::Url(url) => url.clone(),
        MediaSource::Base64 { media_type, data } => format!("data:{media_type};base64,{data}"),
        MediaSource::Bytes { media_type, data } => {
            format!("data:{media_type};base64,{}", STANDARD.encode(data))
        }
        _ => {
            let remedy = "give it as a URL, as base64, or as bytes";
            return Err(ModelsError::unsupported(PROVIDER, "this source of an image", remedy).into());
        }
    };
    Ok(HuggingFaceImageUrl::new(url))
}

fn tool_call(call: &ToolCall) -> Result<HuggingFaceToolCall, BotticelliError> {
    let function = HuggingFaceFunction::builder().name(call.name()).arguments(call.arguments()).build()?;
    HuggingFaceToolCall::builder().id(call.id()).kind("function").function(function).build()
}

fn unsupported(input: &Input) -> BotticelliError {
    let remedy = "chat completions take text, images and tool results";
    ModelsError::unsupported(PROVIDER, input.describe(), remedy).into()
}
