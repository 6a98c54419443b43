//! A call of a tool, as the model asked for it.

use serde::{Deserialize, Serialize};

/// A call of a tool, as the model asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The id that the result has to name.
    id: String,
    /// The name of the function.
    name: String,
    /// The arguments, as the text that the model wrote: usually a JSON object, but models err.
    arguments: String,
}

impl ToolCall {
    /// The call `id` of the function `name` with `arguments`, the text of a JSON object.
    ///
    /// No arguments at all are the empty object.
    pub fn new(id: impl Into<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        let arguments = match arguments.into() {
            blank if blank.trim().is_empty() => "{}".to_owned(),
            arguments => arguments,
        };
        Self { id: id.into(), name: name.into(), arguments }
    }

    /// The id that the result has to name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of the function.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The arguments, as the text that the model wrote: usually a JSON object, but models err.
    pub fn arguments(&self) -> &str {
        &self.arguments
    }
}
