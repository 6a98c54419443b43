//! Parts of a response.

use crate::ToolCall;
use serde::{Deserialize, Serialize};

/// One part of a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Output {
    /// Reasoning of the model before its response.
    Reasoning(String),
    /// Text of the response.
    Text(String),
    /// Refusal: text that the model sent instead of a response.
    Refusal(String),
    /// Tool call.
    ToolCall(ToolCall),
}
