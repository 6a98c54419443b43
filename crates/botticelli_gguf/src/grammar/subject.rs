//! The part of a request that a grammar enforces.

use botticelli_core::ToolDefinition;
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::Value;

/// The part of a request that a grammar enforces.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'a> {
    ResponseFormat(&'a Value),
    /// The arguments of a tool.
    Tool(&'a ToolDefinition),
    /// All tools together.
    Tools(&'a [&'a ToolDefinition]),
}

impl Subject<'_> {
    /// Returns the error for a grammar that cannot be enforced.
    pub(super) fn refused(self, reason: impl Into<String>) -> BotticelliError {
        let (field, value) = match self {
            Self::ResponseFormat(schema) => ("response_format", schema.to_string()),
            Self::Tool(tool) => ("tools", format!("{}: {}", tool.name(), tool.parameters())),
            Self::Tools(tools) => {
                ("tools", tools.iter().map(|tool| tool.name()).collect::<Vec<_>>().join(", "))
            }
        };
        let value: String = value.chars().take(100).collect();
        let remedy = match self {
            Self::ResponseFormat(_) => "leave out the keyword, or describe the format in the prompt",
            Self::Tool(_) | Self::Tools(_) => {
                "leave out the keyword, or let the model decide (`ToolChoice::Auto`)"
            }
        };
        BuilderError::refused("GenerateRequest", field, value, reason.into(), remedy).into()
    }
}
