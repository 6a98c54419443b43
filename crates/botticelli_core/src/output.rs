//! One part of an answer.

use crate::ToolCall;
use serde::{Deserialize, Serialize};

/// One part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Output {
    /// What the model thought before it answered.
    Reasoning(String),
    /// What it answered.
    Text(String),
    /// What it said instead of an answer: it will not give one.
    Refusal(String),
    /// A tool that it wants to be called.
    ToolCall(ToolCall),
}
