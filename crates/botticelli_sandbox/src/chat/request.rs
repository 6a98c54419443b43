//! Body of a chat call.
//!
//! Types are as strict as on real servers: a wrong type, a negative number or a null is a
//! deserialization error with line and column. Unknown fields are ignored.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::message::{Message, Role};

#[derive(Deserialize)]
pub(crate) struct ChatRequest {
    pub(crate) messages: Vec<Message>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) max_tokens: Option<u32>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) max_completion_tokens: Option<u32>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) temperature: Option<f64>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) top_p: Option<f64>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) frequency_penalty: Option<f64>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) presence_penalty: Option<f64>,
    /// Only type-checked: the sandbox has no randomness.
    #[serde(default, deserialize_with = "set", rename = "seed")]
    pub(crate) _seed: Option<u64>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) logprobs: Option<bool>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) top_logprobs: Option<u32>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) stop: Option<Stop>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) stream: Option<bool>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) stream_options: Option<StreamOptions>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) tools: Option<Vec<Tool>>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) tool_choice: Option<ToolChoice>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) parallel_tool_calls: Option<bool>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) response_format: Option<ResponseFormat>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) n: Option<u32>,
    #[serde(default, deserialize_with = "set")]
    pub(crate) reasoning_effort: Option<String>,
    pub(crate) store: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Stop {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
pub(crate) struct StreamOptions {
    #[serde(default)]
    pub(crate) include_usage: bool,
}

#[derive(Deserialize)]
pub(crate) struct Tool {
    #[serde(rename = "type")]
    pub(crate) _kind: ToolKind,
    pub(crate) function: Function,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToolKind {
    Function,
}

#[derive(Deserialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) parameters: Option<Value>,
    pub(crate) strict: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum ToolChoice {
    Word(ToolWord),
    Function {
        #[serde(rename = "type")]
        _kind: ToolKind,
        function: Chosen,
    },
    /// A bare name, which only text-generation-inference accepts.
    Name(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToolWord {
    Auto,
    None,
    Required,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    pub(crate) name: String,
}

/// Response format with the fields of all servers. Later checks select those that the server
/// accepts.
#[derive(Deserialize)]
pub(crate) struct ResponseFormat {
    #[serde(rename = "type")]
    pub(crate) kind: FormatKind,
    pub(crate) json_schema: Option<JsonSchema>,
    /// Syntax of cohere, fireworks and together.
    pub(crate) schema: Option<Value>,
    /// Syntax of text-generation-inference.
    pub(crate) value: Option<Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FormatKind {
    Text,
    JsonObject,
    JsonSchema,
    Json,
    Regex,
}

impl FormatKind {
    /// Returns whether `OpenAI` supports this type. The others belong to text-generation-inference.
    pub(crate) fn is_known_to_openai(self) -> bool {
        matches!(self, Self::Text | Self::JsonObject | Self::JsonSchema)
    }
}

#[derive(Deserialize)]
pub(crate) struct JsonSchema {
    pub(crate) name: String,
    pub(crate) schema: Value,
    pub(crate) strict: Option<bool>,
}

impl ChatRequest {
    /// Returns the token limit under either of its names.
    pub(crate) fn limit(&self) -> Option<u32> {
        self.max_tokens.or(self.max_completion_tokens)
    }

    pub(crate) fn is_streamed(&self) -> bool {
        self.stream == Some(true)
    }

    pub(crate) fn includes_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|options| options.include_usage)
    }

    /// Returns whether the response must be a tool call.
    pub(crate) fn forces_a_tool(&self) -> bool {
        match &self.tool_choice {
            Some(ToolChoice::Word(word)) => *word == ToolWord::Required,
            Some(ToolChoice::Function { .. } | ToolChoice::Name(_)) => true,
            None => false,
        }
    }

    /// Returns the tools, empty if the field is missing.
    pub(crate) fn tools(&self) -> &[Tool] {
        self.tools.as_deref().unwrap_or_default()
    }

    /// Returns the text of the last user message.
    pub(crate) fn last_user_text(&self) -> String {
        let last = self.messages.iter().rfind(|message| message.role == Role::User);
        last.map(|message| message.content.text()).unwrap_or_default()
    }

    /// Returns the text of all user messages, the latest first.
    pub(crate) fn user_texts(&self) -> String {
        let texts = self.messages.iter().rev().filter(|message| message.role == Role::User);
        texts.map(|message| message.content.text()).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn stops(&self) -> &[String] {
        match &self.stop {
            None => &[],
            Some(Stop::One(one)) => std::slice::from_ref(one),
            Some(Stop::Many(many)) => many,
        }
    }
}

/// Deserializes a field that may be missing but not null. Several real servers reject null.
fn set<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
