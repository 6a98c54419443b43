//! The request that asks for a form.

use super::TypedMode;
use super::target_schema::Form;
use botticelli_core::{GenerateRequest, Input, Message, ResponseFormat, Role, ToolChoice, ToolDefinition};
use botticelli_error::BotticelliError;

/// `request`, asking for `form` by `mode`.
pub(super) fn asking(
    request: &GenerateRequest,
    form: &Form,
    mode: TypedMode,
) -> Result<GenerateRequest, BotticelliError> {
    let request = if mode.is_in_prompt() { told(request, &instruction(form)) } else { request.clone() };
    Ok(match mode {
        TypedMode::JsonSchema => {
            request.with_response_format(Some(ResponseFormat::JsonSchema(form.to_json_schema()?)))
        }
        TypedMode::ToolCall => {
            // Without `strict`: a service that refused it in the form refuses it here as well.
            let mut tool = ToolDefinition::new(&form.name, form.asked.clone())?;
            let description = form.description.as_deref().unwrap_or("Takes the answer");
            tool = tool.with_description(description);
            request.with_tools(vec![tool]).with_tool_choice(Some(ToolChoice::Function(form.name.clone())))
        }
        TypedMode::JsonObject => request.with_response_format(Some(ResponseFormat::JsonObject)),
        TypedMode::Prompt => request,
    })
}

fn instruction(form: &Form) -> String {
    let schema = &form.asked;
    format!(
        "Answer with one JSON object that fits this JSON Schema, and with nothing else: no explanation, no code \
         fence.\n\n{schema}"
    )
}

/// `request`, with `words` at the end of what the user says last: some models know no system message, and no two turns
/// of one speaker.
pub(super) fn told(request: &GenerateRequest, words: &str) -> GenerateRequest {
    let mut messages = request.messages().to_vec();
    match messages.pop() {
        Some(last) if last.role() == Role::User => messages.push(added(last, words)),
        last => {
            messages.extend(last);
            messages.push(Message::user(words));
        }
    }
    request.clone().with_messages(messages)
}

fn added(message: Message, words: &str) -> Message {
    match message.content() {
        // One text stays one text, which every server takes.
        [Input::Text(text)] if message.name().is_none() => Message::user(format!("{text}\n\n{words}")),
        _ => message.with(Input::Text(words.to_owned())),
    }
}
