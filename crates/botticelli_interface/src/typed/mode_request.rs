//! The request that asks for a target.

use super::TypedMode;
use super::target_schema::TargetSchema;
use botticelli_core::{GenerateRequest, Input, Message, ResponseFormat, Role, ToolChoice, ToolDefinition};
use botticelli_error::BotticelliError;

/// `request`, asking for `form` by `mode`.
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
            // Without `strict`: a service that refused it in the form refuses it here as well.
            let mut tool = ToolDefinition::new(&target.name, target.asked.clone())?;
            let description = target.description.as_deref().unwrap_or("Takes the answer");
            tool = tool.with_description(description);
            request.with_tools(vec![tool]).with_tool_choice(Some(ToolChoice::Function(target.name.clone())))
        }
        TypedMode::JsonObject => request.with_response_format(Some(ResponseFormat::JsonObject)),
        TypedMode::Prompt => request,
    })
}

fn instruction(target: &TargetSchema) -> String {
    let schema = &target.asked;
    format!(
        "Answer with one JSON object that fits this JSON Schema, and with nothing else: no explanation, no code \
         fence.\n\n{schema}"
    )
}

/// `request`, with `words` at the end of what the user says last: some models know no system message, and no two turns
/// of one speaker.
pub(super) fn with_instruction(request: &GenerateRequest, words: &str) -> GenerateRequest {
    let mut messages = request.messages().to_vec();
    match messages.pop() {
        Some(last) if last.role() == Role::User => messages.push(append_text(last, words)),
        last => {
            messages.extend(last);
            messages.push(Message::user(words));
        }
    }
    request.clone().with_messages(messages)
}

fn append_text(message: Message, words: &str) -> Message {
    match message.content() {
        // One text stays one text, which every server takes.
        [Input::Text(text)] if message.name().is_none() => Message::user(format!("{text}\n\n{words}")),
        _ => message.with(Input::Text(words.to_owned())),
    }
}
