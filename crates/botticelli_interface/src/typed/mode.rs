//! The modes of a typed call.

use std::fmt;

/// A way to request JSON that matches a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypedMode {
    /// The schema is the response format, which the service enforces.
    JsonSchema,
    /// The schema describes the arguments of a tool that the model must call.
    ToolCall,
    /// The response format is any JSON object, and the prompt contains the schema.
    JsonObject,
    /// The prompt contains the schema. Every chat model supports this mode.
    Prompt,
}

impl TypedMode {
    /// All modes, in the default order.
    pub const ALL: [Self; 4] = [Self::JsonSchema, Self::ToolCall, Self::JsonObject, Self::Prompt];

    /// Returns the name: `json_schema`, `tool_call`, `json_object`, `prompt`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JsonSchema => "json_schema",
            Self::ToolCall => "tool_call",
            Self::JsonObject => "json_object",
            Self::Prompt => "prompt",
        }
    }

    /// Returns whether the prompt contains the schema.
    pub(super) const fn is_in_prompt(self) -> bool {
        matches!(self, Self::JsonObject | Self::Prompt)
    }
}

impl fmt::Display for TypedMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
