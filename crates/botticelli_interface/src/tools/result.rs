//! What a call came to.

use super::model_messages;
use botticelli_core::{Message, ToolCall};

/// What a call of a tool came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    call: ToolCall,
    outcome: ToolOutcome,
    content: String,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ToolOutcome {
    /// The tool gave something back.
    Returned,
    /// The tool ran, and failed.
    Failed,
    /// There is no tool of that name.
    UnknownTool,
    /// The arguments are no JSON, or do not fit. The tool was not run.
    BadArguments,
    /// The answer that makes the call was cut, filtered, or broke off. The tool was not run.
    Unfinished,
    /// [`Tools::approve`](crate::Tools::approve) refused it. The tool was not run.
    Refused,
}

impl ToolResult {
    /// A result, cut to `limit` bytes with a note for the model.
    pub(super) fn new(call: ToolCall, outcome: ToolOutcome, mut content: String, limit: usize) -> Self {
        if content.len() > limit {
            let whole = content.len();
            let end = (0..=limit).rev().find(|end| content.is_char_boundary(*end)).unwrap_or(0);
            content.truncate(end);
            content.push_str(&model_messages::truncated(end, whole));
        }
        Self { call, outcome, content }
    }

    pub(super) fn returned(call: ToolCall, answer: Result<String, String>, limit: usize) -> Self {
        match answer {
            // Services refuse a conversation with an empty turn in it, for good.
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

    /// The call, with the arguments as the model wrote them. Its id is the one in the conversation: where a server gives the same
    /// id in several turns, the later ones get one of their own.
    pub fn call(&self) -> &ToolCall {
        &self.call
    }

    /// What became of it.
    pub fn outcome(&self) -> ToolOutcome {
        self.outcome
    }

    /// Whether the tool gave something back.
    pub fn is_ok(&self) -> bool {
        self.outcome == ToolOutcome::Returned
    }

    /// What the model is told: what the tool gave back (`(no output)` for nothing), or what went wrong and what to do.
    pub fn content(&self) -> &str {
        &self.content
    }
}
