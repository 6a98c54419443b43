//! The ways to ask for a target.

use std::fmt;

/// A way to ask a model for JSON of a given target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypedMode {
    /// As the form of the answer, by its schema: the service keeps the model to it.
    JsonSchema,
    /// As the arguments of a tool that the model has to call.
    ToolCall,
    /// As a JSON object, with the schema written into the prompt.
    JsonObject,
    /// As text, with the schema written into the prompt: any model that chats can be asked so.
    Prompt,
}

impl TypedMode {
    /// The order in which they are tried where nothing else is said.
    pub const ALL: [Self; 4] = [Self::JsonSchema, Self::ToolCall, Self::JsonObject, Self::Prompt];

    /// The word: `json_schema`, `tool_call`, `json_object`, `prompt`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JsonSchema => "json_schema",
            Self::ToolCall => "tool_call",
            Self::JsonObject => "json_object",
            Self::Prompt => "prompt",
        }
    }

    /// Whether the schema stands in the prompt.
    pub(super) const fn is_in_prompt(self) -> bool {
        matches!(self, Self::JsonObject | Self::Prompt)
    }
}

impl fmt::Display for TypedMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
