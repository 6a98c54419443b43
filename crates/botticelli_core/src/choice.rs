//! One choice of a response.

use crate::{FinishReason, Logprobs, Output, ToolCall};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One choice of a response to a request for [`n`](crate::GenerateRequest::n) choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Choice {
    /// Index of the choice, from 0.
    pub index: u32,
    /// Parts of the choice, in order.
    pub outputs: Vec<Output>,
    /// Reason for the end of the choice.
    pub finish_reason: FinishReason,
    /// Log probabilities of the tokens, if the request asked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Logprobs>,
}

impl Choice {
    /// Returns a choice without log probabilities.
    pub fn new(index: u32, outputs: Vec<Output>, finish_reason: FinishReason) -> Self {
        Self { index, outputs, finish_reason, logprobs: None }
    }

    /// Returns the text without the reasoning. Empty if the model sent none.
    pub fn text(&self) -> Cow<'_, str> {
        text(&self.outputs)
    }

    /// Returns the reasoning. Empty if the service sent none.
    pub fn reasoning(&self) -> Cow<'_, str> {
        reasoning(&self.outputs)
    }

    /// Returns the tool calls.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        tool_calls(&self.outputs)
    }
}

pub(crate) fn text(outputs: &[Output]) -> Cow<'_, str> {
    joined(outputs.iter().filter_map(|output| match output {
        Output::Text(text) => Some(text.as_str()),
        _ => None,
    }))
}

/// Joins the texts. A single text is moved, not copied.
pub(crate) fn into_text(outputs: Vec<Output>) -> String {
    let mut texts = outputs.into_iter().filter_map(|output| match output {
        Output::Text(text) => Some(text),
        _ => None,
    });
    let mut joined = texts.next().unwrap_or_default();
    joined.extend(texts);
    joined
}

pub(crate) fn reasoning(outputs: &[Output]) -> Cow<'_, str> {
    joined(outputs.iter().filter_map(|output| match output {
        Output::Reasoning(text) => Some(text.as_str()),
        _ => None,
    }))
}

pub(crate) fn tool_calls(outputs: &[Output]) -> impl Iterator<Item = &ToolCall> {
    outputs.iter().filter_map(|output| match output {
        Output::ToolCall(call) => Some(call),
        _ => None,
    })
}

#[track_caller]
pub(crate) fn json<T: DeserializeOwned>(
    outputs: &[Output],
    reason: &FinishReason,
) -> Result<T, BotticelliError> {
    let text = text(outputs);
    serde_json::from_str(without_fence(&text))
        .or_else(|error| match in_reasoning(outputs, &text, reason) {
            Some(value) => Ok(value),
            None => Err(error),
        })
        .map_err(|error| {
            let is_refusal = outputs.iter().any(|output| matches!(output, Output::Refusal(_)));
            let why = match reason {
                _ if is_refusal => "because the model refused".to_owned(),
                FinishReason::Length => format!("because it was cut at the token limit ({error})"),
                FinishReason::ContentFilter => {
                    format!("because a content filter removed part of it ({error})")
                }
                _ => error.to_string(),
            };
            let kind = JsonErrorKind::TypeMismatch { what: "text".to_owned(), reason: why };
            JsonError::new(kind, "the model").into()
        })
}

/// Reads the value from the reasoning. Servers that find no tags around reasoning take the whole response for it.
fn in_reasoning<T: DeserializeOwned>(outputs: &[Output], text: &str, reason: &FinishReason) -> Option<T> {
    let is_whole = matches!(reason, FinishReason::Stop | FinishReason::Unspecified);
    let is_alone = text.trim().is_empty()
        && outputs.iter().all(|output| matches!(output, Output::Text(_) | Output::Reasoning(_)));
    if !is_whole || !is_alone {
        return None;
    }
    serde_json::from_str(without_fence(&reasoning(outputs))).ok()
}

/// Removes a code fence, which models like to put around JSON. The closing fence is missing if it was the stop text.
fn without_fence(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix("```") else { return text };
    let inner = inner.strip_suffix("```").unwrap_or(inner);
    // A word after the fence is the name of a language. `true`, `false` and `null` are JSON instead.
    let after = inner.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-'));
    let word = inner.strip_suffix(after).unwrap_or_default();
    let is_language = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(word, "true" | "false" | "null")
        && !after.trim().is_empty();
    if is_language { after.trim() } else { inner.trim() }
}

/// Joins the parts. A single part is borrowed, not copied.
fn joined<'a>(mut parts: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    match (parts.next(), parts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(parts).collect()),
    }
}
