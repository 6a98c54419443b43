//! Messages of a conversation.

use serde::Deserialize;
use serde_json::Value;

use super::content::Content;

#[derive(Deserialize)]
pub(crate) struct Message {
    pub(crate) role: Role,
    #[serde(default)]
    pub(crate) content: Content,
    #[serde(default)]
    pub(crate) tool_calls: Option<Vec<ToolCall>>,
    pub(crate) tool_call_id: Option<String>,
    #[serde(default)]
    pub(crate) reasoning_content: Option<Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    System,
    Developer,
    User,
    Assistant,
    Tool,
}

#[derive(Deserialize)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) _kind: String,
    #[serde(rename = "function")]
    pub(crate) _function: CalledFunction,
}

#[derive(Deserialize)]
pub(crate) struct CalledFunction {
    #[serde(rename = "name")]
    pub(crate) _name: String,
    /// A string, or an object from older servers. Clients send either back.
    #[serde(rename = "arguments")]
    pub(crate) _arguments: Value,
}

impl Message {
    pub(crate) fn has_tool_calls(&self) -> bool {
        !self.calls().is_empty()
    }

    pub(crate) fn calls(&self) -> &[ToolCall] {
        self.tool_calls.as_deref().unwrap_or_default()
    }
}
