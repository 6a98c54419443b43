//! The request of a mode.

use super::TypedMode;
use super::target_schema::TargetSchema;
use botticelli_core::{GenerateRequest, Input, Message, ResponseFormat, Role, ToolChoice, ToolDefinition};
use botticelli_error::BotticelliError;

/// Returns `request` with the parameters or the instruction that request `target` in this `mode`.
pub(super) fn request_for_mode(
    request: &GenerateRequest,
    target: &TargetSchema,
    mode: TypedMode,
) -> Result<GenerateRequest, BotticelliError> {
    let request =
        if mode.is_in_prompt() { with_instruction(request, &instruction(target)) } else { request.clone() };
    Ok(match mode {
        TypedMode::JsonSchema => {
            request.with_response_format(Some(ResponseFormat::JsonSchema(target.to_json_schema()?)))
        }
        TypedMode::ToolCall => {
            // A service that rejected `strict` in `response_format` would also reject it here.
            let mut tool = ToolDefinition::new(&target.name, target.sent.clone())?;
            let description = target.description.as_deref().unwrap_or("Takes the answer");
            tool = tool.with_description(description);
            request.with_tools(vec![tool]).with_tool_choice(Some(ToolChoice::Function(target.name.clone())))
        }
        TypedMode::JsonObject => request.with_response_format(Some(ResponseFormat::JsonObject)),
        TypedMode::Prompt => request,
    })
}

fn instruction(target: &TargetSchema) -> String {
    let schema = &target.sent;
    format!(
        "Answer with one JSON object that fits this JSON Schema, and with nothing else: no explanation, no code \
         fence.\n\n{schema}"
    )
}

/// Returns `request` with `text` at the end of the last user message.
///
/// Some models support neither system messages nor two messages of one role in a row.
pub(super) fn with_instruction(request: &GenerateRequest, text: &str) -> GenerateRequest {
    let mut messages = request.messages().to_vec();
    match messages.pop() {
        Some(last) if last.role() == Role::User => messages.push(append_text(last, text)),
        last => {
            messages.extend(last);
            messages.push(Message::user(text));
        }
    }
    request.clone().with_messages(messages)
}

fn append_text(message: Message, text: &str) -> Message {
    match message.content() {
        // A single text stays a single text, which every server accepts.
        [Input::Text(first)] if message.name().is_none() => Message::user(format!("{first}\n\n{text}")),
        _ => message.with(Input::Text(text.to_owned())),
    }
}
