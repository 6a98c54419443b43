//! The result of a call.

use super::model_messages;
use botticelli_core::{Message, ToolCall};

/// The result of a tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    call: ToolCall,
    outcome: ToolOutcome,
    content: String,
}

/// The outcome of a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ToolOutcome {
    /// The tool ran and returned a value.
    Returned,
    /// The tool ran and failed.
    Failed,
    /// No tool has this name.
    UnknownTool,
    /// The arguments are not JSON, or do not match the schema. The tool was not run.
    BadArguments,
    /// The response with the call ended early: at the token limit, by a filter, or by a failure. The tool was not run.
    Unfinished,
    /// The [approval hook](crate::Tools::with_approval) refused the call. The tool was not run.
    Refused,
}

impl ToolResult {
    /// Returns a result, cut to `limit` bytes with a note for the model.
    pub(super) fn new(call: ToolCall, outcome: ToolOutcome, mut content: String, limit: usize) -> Self {
        if content.len() > limit {
            let whole = content.len();
            let end = (0..=limit).rev().find(|end| content.is_char_boundary(*end)).unwrap_or(0);
            content.truncate(end);
            content.push_str(&model_messages::truncated(end, whole));
        }
        Self { call, outcome, content }
    }

    pub(super) fn returned(call: ToolCall, output: Result<String, String>, limit: usize) -> Self {
        match output {
            // Services reject a conversation with an empty message.
            Ok(content) if content.trim().is_empty() => {
                Self::new(call, ToolOutcome::Returned, model_messages::NO_OUTPUT.to_owned(), limit)
            }
            Ok(content) => Self::new(call, ToolOutcome::Returned, content, limit),
            Err(error) => Self::new(call, ToolOutcome::Failed, model_messages::failed(&error), limit),
        }
    }

    pub(super) fn to_message(&self) -> Message {
        Message::tool(self.call.id(), &self.content)
    }

    /// Returns the call, with the model's original arguments.
    ///
    /// The id is the same as in the conversation. If a server uses one id in several turns, the later calls get new ids.
    pub fn call(&self) -> &ToolCall {
        &self.call
    }

    /// Returns the outcome of the call.
    pub fn outcome(&self) -> ToolOutcome {
        self.outcome
    }

    /// Returns whether the tool ran and returned a value.
    pub fn is_ok(&self) -> bool {
        self.outcome == ToolOutcome::Returned
    }

    /// Returns the text for the model: the output of the tool, or the problem and what to do.
    ///
    /// For an empty output, the text is `(no output)`.
    pub fn content(&self) -> &str {
        &self.content
    }
}
