//! Reasoning fields of messages and deltas.

use serde::Serialize;

use super::tool_calls::Nullable;
use crate::catalog::ReasoningFormat;

#[derive(Default, Serialize)]
pub(super) struct Reasoning {
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<Nullable<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Nullable<String>>,
}

impl Reasoning {
    /// Returns the reasoning in its field, or null in that field without reasoning.
    pub(super) fn or_null(reasoning_format: Option<ReasoningFormat>, text: Option<String>) -> Self {
        let value = Some(text.map_or(Nullable::Null, Nullable::Value));
        match reasoning_format {
            Some(ReasoningFormat::ReasoningContent) => Self { reasoning_content: value, reasoning: None },
            Some(ReasoningFormat::Reasoning) => Self { reasoning_content: None, reasoning: value },
            Some(ReasoningFormat::Tags) | None => Self::default(),
        }
    }

    /// Returns the reasoning in its field, or no field without reasoning.
    pub(super) fn or_omitted(reasoning_format: Option<ReasoningFormat>, text: Option<String>) -> Self {
        text.map_or(Self::default(), |text| Self::or_null(reasoning_format, Some(text)))
    }
}
