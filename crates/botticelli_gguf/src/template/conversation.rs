//! A conversation as values for a template.

use crate::tokenizer::Tokenizer;
use botticelli_core::{GenerateRequest, Input, Message, ReasoningEffort, Role, ToolChoice};
use botticelli_error::{BotticelliError, ModelsError};
use serde_json::{Map, Value, json};

/// A conversation as values for a template. Control tokens in its texts are interrupted.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(super) messages: Vec<Value>,
    pub(super) tools: Vec<Value>,
    /// Settings that the template may read.
    pub(super) settings: Map<String, Value>,
    /// Beginning of the response, which the model continues.
    pub(super) prefix: String,
    /// Size of all texts, in bytes.
    pub(super) size: usize,
}

impl Conversation {
    /// Converts the messages and the tools of a request.
    pub(crate) fn new(
        request: &GenerateRequest,
        tokenizer: &Tokenizer,
        provider: &'static str,
    ) -> Result<Self, BotticelliError> {
        let mut messages = Vec::new();
        let (last, earlier) = match request.messages().split_last() {
            Some((last, earlier))
                if last.role() == Role::Assistant && last.tool_calls().is_empty() && !earlier.is_empty() =>
            {
                (Some(last), earlier)
            }
            _ => (None, request.messages()),
        };
        for message in earlier {
            convert(message, provider, &mut messages)?;
        }
        let prefix = last.map(|message| text(message, provider)).transpose()?.unwrap_or_default();
        let may_call = !matches!(request.tool_choice(), Some(ToolChoice::None));
        let tools = request.tools().iter().filter(|_| may_call).map(|tool| {
            let mut function = Map::new();
            function.insert("name".to_owned(), tool.name().into());
            if let Some(description) = tool.description() {
                function.insert("description".to_owned(), description.into());
            }
            function.insert("parameters".to_owned(), tool.parameters().clone());
            json!({"type": "function", "function": function})
        });
        let mut settings = settings(request)?;
        let mut size = 0;
        let mut messages = Value::Array(messages);
        let mut tools = Value::Array(tools.collect());
        guard(&mut messages, tokenizer, &mut size);
        guard(&mut tools, tokenizer, &mut size);
        for value in settings.values_mut() {
            guard(value, tokenizer, &mut size);
        }
        let prefix = tokenizer.guard(&prefix);
        let items = |value| match value {
            Value::Array(items) => items,
            _ => Vec::new(),
        };
        Ok(Self { messages: items(messages), tools: items(tools), settings, prefix, size })
    }
}

/// Returns the settings for the template: `chat_template_kwargs` of the request, and the amount of reasoning.
fn settings(request: &GenerateRequest) -> Result<Map<String, Value>, BotticelliError> {
    let mut settings = match request.extra().get("chat_template_kwargs") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(settings)) => settings.clone(),
        Some(other) => {
            return Err(botticelli_error::BuilderError::refused(
                "GenerateRequest",
                "extra.chat_template_kwargs",
                other.to_string(),
                "the settings of a template are an object",
                "give an object, or leave it out",
            )
            .into());
        }
    };
    if let Some(effort) = request.reasoning_effort() {
        settings.insert("enable_thinking".to_owned(), (*effort != ReasoningEffort::None).into());
        settings.insert("reasoning_effort".to_owned(), effort.as_str().into());
    }
    Ok(settings)
}

fn convert(
    message: &Message,
    provider: &'static str,
    messages: &mut Vec<Value>,
) -> Result<(), BotticelliError> {
    for input in message.content() {
        if let Input::ToolResult { id, content } = input {
            messages.push(json!({"role": "tool", "tool_call_id": id, "content": content}));
        }
    }
    let is_result = |input: &Input| matches!(input, Input::ToolResult { .. });
    if message.role() == Role::Tool && message.content().iter().all(is_result) {
        return Ok(());
    }
    let role = match message.role() {
        Role::Developer => Role::System.as_str(),
        role => role.as_str(),
    };
    let mut fields = Map::new();
    fields.insert("role".to_owned(), role.into());
    fields.insert("content".to_owned(), text(message, provider)?.into());
    if let Some(name) = message.name() {
        fields.insert("name".to_owned(), name.into());
    }
    if let Some(reasoning) = message.reasoning() {
        fields.insert("reasoning_content".to_owned(), reasoning.into());
    }
    let calls = message.tool_calls().iter().map(|call| {
        // Templates write the arguments as JSON themselves, and fail for a text.
        let arguments = call.arguments::<Value>().unwrap_or_else(|_| call.arguments_text().into());
        json!({"id": call.id(), "type": "function", "function": {"name": call.name(), "arguments": arguments}})
    });
    let calls: Vec<Value> = calls.collect();
    if !calls.is_empty() {
        fields.insert("tool_calls".to_owned(), calls.into());
    }
    messages.push(Value::Object(fields));
    Ok(())
}

/// Returns the text of a message.
fn text(message: &Message, provider: &'static str) -> Result<String, BotticelliError> {
    let mut text = String::new();
    for input in message.content() {
        match input {
            Input::Text(part) => text.push_str(part),
            Input::ToolResult { .. } => {}
            other => {
                let remedy = "send text, or use a provider that supports it";
                return Err(ModelsError::unsupported(provider, other.describe(), remedy).into());
            }
        }
    }
    Ok(text)
}

fn guard(value: &mut Value, tokenizer: &Tokenizer, size: &mut usize) {
    match value {
        Value::String(text) => {
            *text = tokenizer.guard(text);
            *size = size.saturating_add(text.len());
        }
        Value::Array(items) => {
            for item in items {
                *size = size.saturating_add(8);
                guard(item, tokenizer, size);
            }
        }
        Value::Object(fields) => {
            let guarded = std::mem::take(fields).into_iter().map(|(name, mut field)| {
                *size = size.saturating_add(name.len());
                guard(&mut field, tokenizer, size);
                (tokenizer.guard(&name), field)
            });
            *fields = guarded.collect();
        }
        _ => {}
    }
}
