//! Selection of tool calls and their arguments.

use serde_json::Value;

use super::generation::FunctionCall;
use super::message::Role;
use super::request::{ChatRequest, Tool, ToolChoice, ToolWord};
use crate::schema::InstanceGenerator;

/// Returns the tool calls of a response, or none for a text response.
pub(super) fn tool_calls(request: &ChatRequest, is_tgi: bool, variant: usize) -> Vec<FunctionCall> {
    let user_text = request.last_user_text();
    let tools = request.tools();
    let is_mentioned_by_user = |tool: &&Tool| is_mentioned(&tool.function.name, &user_text);
    let mut called: Vec<&Tool> = match &request.tool_choice {
        Some(ToolChoice::Word(ToolWord::None)) => Vec::new(),
        Some(ToolChoice::Word(ToolWord::Required)) => {
            match tools.iter().filter(is_mentioned_by_user).collect::<Vec<_>>() {
                none if none.is_empty() => tools.iter().take(1).collect(),
                named => named,
            }
        }
        Some(ToolChoice::Function { function, .. }) => tool_by_name(tools, &function.name),
        Some(ToolChoice::Name(name)) => tool_by_name(tools, name),
        Some(ToolChoice::Word(ToolWord::Auto)) | None if ends_with_a_tool_message(request) => Vec::new(),
        Some(ToolChoice::Word(ToolWord::Auto)) | None => tools.iter().filter(is_mentioned_by_user).collect(),
    };
    // text-generation-inference ignores the field.
    if request.parallel_tool_calls == Some(false) && !is_tgi {
        called.truncate(1);
    }
    called.into_iter().map(|tool| function_call(tool, &request.user_texts(), variant)).collect()
}

fn tool_by_name<'a>(tools: &'a [Tool], name: &str) -> Vec<&'a Tool> {
    tools.iter().filter(|tool| tool.function.name == name).take(1).collect()
}

fn function_call(tool: &Tool, user_text: &str, variant: usize) -> FunctionCall {
    let no_parameters = serde_json::json!({ "type": "object", "properties": {} });
    let schema = tool.function.parameters.as_ref().unwrap_or(&no_parameters);
    let arguments = match InstanceGenerator::new(schema, user_text, variant).generate() {
        arguments @ Value::Object(_) => arguments,
        _ => Value::Object(serde_json::Map::new()),
    };
    FunctionCall { name: tool.function.name.clone(), arguments }
}

fn ends_with_a_tool_message(request: &ChatRequest) -> bool {
    request.messages.last().is_some_and(|message| message.role == Role::Tool)
}

/// Returns the tool results at the end of the conversation in order, or none if their calls are
/// missing.
pub(super) fn tool_results(request: &ChatRequest, is_tgi: bool) -> Vec<String> {
    let messages = &request.messages;
    let start = messages.iter().rposition(|message| message.role != Role::Tool).map_or(0, |at| at + 1);
    let (before, results) = messages.split_at_checked(start).unwrap_or((messages, &[]));
    // text-generation-inference drops the tool calls of a message with text.
    let is_known =
        before.last().is_some_and(|turn| turn.has_tool_calls() && !(is_tgi && turn.content.is_present()));
    let results = if is_known { results } else { &[] };
    results.iter().map(|message| message.content.text()).collect()
}

/// Returns whether a text mentions a name as whole words. Underscores match spaces.
fn is_mentioned(name: &str, text: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace('_', " ");
    let (name, text) = (plain(name), plain(text));
    let is_letter = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    !name.is_empty()
        && text.match_indices(&name).any(|(at, found)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
            !is_letter(before) && !is_letter(after)
        })
}
