//! A line of the journal.

use crate::prompt::RowKey;
use botticelli_core::json_text::push_string;
use botticelli_core::{Cost, CostSource, FinishReason};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer or the failure of a request.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    pub(crate) key: RowKey,
    /// The text, or the value of a typed answer.
    #[serde(deserialize_with = "some")]
    pub(crate) answer: Option<Value>,
    pub(crate) reasoning: String,
    pub(crate) finish_reason: Option<FinishReason>,
    pub(crate) model: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) prompt_tokens: Option<u64>,
    pub(crate) completion_tokens: Option<u64>,
    /// Missing if the cost is unknown.
    pub(crate) cost: Option<Cost>,
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
        let Self {
            key,
            answer,
            reasoning,
            finish_reason,
            model,
            provider,
            prompt_tokens,
            completion_tokens,
            cost,
            error,
        } = self;
        text.extend_from_slice(b"{\"key\":");
        serde_json::to_writer(&mut *text, key)?;
        match answer {
            Some(Value::String(answer)) => write_text(text, "answer", Some(answer)),
            answer => write_value(text, "answer", answer.as_ref())?,
        }
        write_text(text, "reasoning", Some(reasoning.as_str()).filter(|reasoning| !reasoning.is_empty()));
        write_text(text, "finish_reason", finish_reason.as_ref().map(FinishReason::as_str));
        write_text(text, "model", model.as_deref());
        write_text(text, "provider", provider.as_deref());
        write_value(text, "prompt_tokens", prompt_tokens.as_ref())?;
        write_value(text, "completion_tokens", completion_tokens.as_ref())?;
        write_value(text, "cost", cost.as_ref())?;
        write_value(text, "error", error.as_ref())?;
        text.push(b'}');
        let length = text.len() - start;
        text.push(b'\n');
        Ok(length)
    }
}

/// Appends a field with a text. `None` is left out.
fn write_text(json: &mut Vec<u8>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        write_name(json, name);
        push_string(json, text);
    }
}

/// Appends a field with a value. `None` is left out.
fn write_value<T: Serialize>(
    json: &mut Vec<u8>,
    name: &str,
    value: Option<&T>,
) -> Result<(), serde_json::Error> {
    let Some(value) = value else { return Ok(()) };
    write_name(json, name);
    serde_json::to_writer(json, value)
}

fn write_name(json: &mut Vec<u8>, name: &str) {
    json.extend_from_slice(b",\"");
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
}
