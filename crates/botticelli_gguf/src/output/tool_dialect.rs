//! The forms in which models write tool calls.

use serde_json::{Deserializer, Value};

/// The form in which a model writes tool calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToolDialect {
    /// `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, several times (Hermes, Qwen).
    Tagged,
    /// `[TOOL_CALLS][{"name": …, "arguments": {…}}]` at the end (Mistral).
    List,
    /// The whole response is `{"name": …, "parameters": {…}}`, after `<|python_tag|>` or without it (Llama 3).
    Whole,
}

impl ToolDialect {
    /// Returns the text before a call; `None` if a call is the whole response.
    pub(super) const fn open(self) -> Option<&'static str> {
        match self {
            Self::Tagged => Some("<tool_call>"),
            Self::List => Some("[TOOL_CALLS]"),
            Self::Whole => None,
        }
    }

    /// Returns the text after a call; `None` if calls are the rest of the response.
    pub(super) const fn close(self) -> Option<&'static str> {
        match self {
            Self::Tagged => Some("</tool_call>"),
            Self::List | Self::Whole => None,
        }
    }
}

/// The name and the arguments of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    /// JSON text.
    pub(super) arguments: String,
}

/// Returns the calls in a text of one or several JSON values. `None` if a part of it is something else.
pub(super) fn read(text: &str) -> Option<Vec<Call>> {
    let mut calls = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let mut values = Deserializer::from_str(rest).into_iter::<Value>();
        let value = values.next()?.ok()?;
        let end = values.byte_offset();
        match value {
            Value::Array(items) => calls.extend(items.iter().map(call).collect::<Option<Vec<_>>>()?),
            value => calls.push(call(&value)?),
        }
        // Llama 3 writes a semicolon between calls.
        rest = rest.get(end..)?.trim_start_matches([';', ',']).trim();
    }
    Some(calls).filter(|calls| !calls.is_empty())
}

fn call(value: &Value) -> Option<Call> {
    let fields = value.as_object()?;
    // Some models repeat the form of the definition.
    let fields = fields.get("function").and_then(Value::as_object).unwrap_or(fields);
    let name = fields.get("name")?.as_str()?.to_owned();
    let arguments = match fields.get("arguments").or_else(|| fields.get("parameters")) {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(object @ Value::Object(_)) => object.to_string(),
        Some(_) => return None,
    };
    Some(Call { name, arguments })
}
