//! A line of the journal.

use crate::prompt::RowKey;
use botticelli_core::{Cost, CostSource, FinishReason};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer or the failure of a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    pub(crate) key: RowKey,
    /// The text, or the value of a typed answer.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "some")]
    pub(crate) answer: Option<Value>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reasoning: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finish_reason: Option<FinishReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prompt_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) completion_tokens: Option<u64>,
    /// Missing if the cost is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<Cost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<RecordedFailure>,
}

/// The failure of a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RecordedFailure {
    pub(crate) category: String,
    pub(crate) message: String,
    /// The part of the answer that arrived.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) partial: String,
}

/// Reads null as an answer: a typed answer may be null.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Record {
    /// Sets the cost. An unknown cost is not stored.
    pub(crate) fn set_cost(&mut self, cost: Cost) {
        self.cost = (cost.source() != CostSource::Unknown).then_some(cost);
    }

    /// Returns whether the answer reached the token limit.
    pub(crate) fn is_cut(&self) -> bool {
        self.error.is_none() && self.finish_reason == Some(FinishReason::Length)
    }

    /// Appends the line with its end, and returns its length without the end.
    pub(crate) fn write_line(&self, text: &mut Vec<u8>) -> Result<usize, serde_json::Error> {
        let start = text.len();
        serde_json::to_writer(&mut *text, self)?;
        let length = text.len() - start;
        text.push(b'\n');
        Ok(length)
    }
}
