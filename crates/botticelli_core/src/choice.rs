//! One of several answers to one request.

use crate::{FinishReason, Logprobs, Output, ToolCall};
use botticelli_error::{BotticelliError, JsonError, JsonErrorKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One of several answers to one request that asked for [`n`](crate::GenerateRequest::n) of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Choice {
    /// Its number, from 0.
    pub index: u32,
    /// Its parts, in order.
    pub outputs: Vec<Output>,
    /// Why the model stopped.
    pub finish_reason: FinishReason,
    /// How likely its tokens were, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Logprobs>,
}

impl Choice {
    /// The answer with the number `index`, which ended for `finish_reason`.
    pub fn new(index: u32, outputs: Vec<Output>, finish_reason: FinishReason) -> Self {
        Self { index, outputs, finish_reason, logprobs: None }
    }

    /// Its text, without the reasoning; empty where there is none.
    pub fn text(&self) -> Cow<'_, str> {
        text(&self.outputs)
    }

    /// What the model thought before it answered; empty where it did not say.
    pub fn reasoning(&self) -> Cow<'_, str> {
        reasoning(&self.outputs)
    }

    /// The tools that the model wants to be called.
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
                _ if is_refusal => "because it refused to answer".to_owned(),
                FinishReason::Length => format!("because it was cut at the token limit ({error})"),
                FinishReason::ContentFilter => format!("because a filter took a part of it away ({error})"),
                _ => error.to_string(),
            };
            let kind = JsonErrorKind::TypeMismatch { what: "text".to_owned(), reason: why };
            JsonError::new(kind, "the model").into()
        })
}

/// What a server took for reasoning, because it found no tags around it, although it is the whole answer.
fn in_reasoning<T: DeserializeOwned>(outputs: &[Output], text: &str, reason: &FinishReason) -> Option<T> {
    let is_whole = matches!(reason, FinishReason::Stop | FinishReason::Unspecified);
    let is_alone = text.trim().is_empty()
        && outputs.iter().all(|output| matches!(output, Output::Text(_) | Output::Reasoning(_)));
    if !is_whole || !is_alone {
        return None;
    }
    serde_json::from_str(without_fence(&reasoning(outputs))).ok()
}

/// Models like to put their JSON into a code fence, on lines of its own or on one line. The end of it is missing where it was
/// the stop text.
fn without_fence(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix("```") else { return text };
    let inner = inner.strip_suffix("```").unwrap_or(inner);
    // The name of a language, which JSON does not begin with; `true`, `false` and `null` are JSON.
    let after = inner.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-'));
    let word = inner.strip_suffix(after).unwrap_or_default();
    let is_language = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(word, "true" | "false" | "null")
        && !after.trim().is_empty();
    if is_language { after.trim() } else { inner.trim() }
}

/// One part is lent as it is; only several are copied.
fn joined<'a>(mut parts: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    match (parts.next(), parts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(parts).collect()),
    }
}
