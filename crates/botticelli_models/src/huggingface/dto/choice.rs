//! One of the answers, whole or a piece of it.

use super::{HuggingFaceFunction, HuggingFaceLogprobs, HuggingFaceToolCall, lenient};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Deserialize;
use serde_json::Value;

/// One of the answers, whole (`message`) or a piece of it (`delta`).
///
/// Both are read in either place: some servers put the whole answer into an event, or a piece into a plain answer.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Deserialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct HuggingFaceChoice {
    /// The number of the choice.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::count")]
    index: Option<u64>,
    /// The whole answer.
    #[serde(deserialize_with = "lenient::object")]
    message: Option<HuggingFaceDelta>,
    /// A piece of the answer.
    #[serde(deserialize_with = "lenient::object")]
    delta: Option<HuggingFaceDelta>,
    /// The text, where a server of text completions answers a chat.
    #[serde(deserialize_with = "lenient::text")]
    text: Option<String>,
    /// An error of this choice alone, as some gateways write it.
    #[serde(deserialize_with = "lenient::told")]
    error: Option<Value>,
    /// How likely each token was: an object of OpenAI's, or a form of the server's own.
    logprobs: Option<HuggingFaceLogprobs>,
    /// Why it ended: an open set of words, missing or null until then.
    #[serde(deserialize_with = "lenient::word")]
    finish_reason: Option<String>,
}

impl lenient::Weigh for HuggingFaceChoice {
    /// A choice takes as much room as some calls, and those inside of it count as well.
    fn weight(&self) -> usize {
        let calls =
            |delta: &Option<HuggingFaceDelta>| delta.as_ref().map_or(0, |delta| delta.tool_calls.len());
        calls(&self.delta).saturating_add(calls(&self.message)).saturating_add(16)
    }
}

/// What a choice says, or says next.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Deserialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct HuggingFaceDelta {
    /// `assistant`.
    #[serde(deserialize_with = "lenient::word")]
    role: Option<String>,
    /// The text. Missing, null or empty beside tool calls and in opening and closing pieces.
    #[serde(deserialize_with = "lenient::text")]
    content: Option<String>,
    /// The reasoning, under one of its names.
    #[serde(deserialize_with = "lenient::text")]
    reasoning_content: Option<String>,
    /// The reasoning, under its other name.
    #[serde(deserialize_with = "lenient::text")]
    reasoning: Option<String>,
    /// What the model says instead of an answer.
    #[serde(deserialize_with = "lenient::text")]
    refusal: Option<String>,
    /// The tools that are to be called; with some servers a single one without the list around it.
    #[serde(deserialize_with = "lenient::one_or_more")]
    tool_calls: Vec<HuggingFaceToolCall>,
    /// The one function that is to be called, in OpenAI's older form.
    #[serde(deserialize_with = "lenient::object")]
    function_call: Option<HuggingFaceFunction>,
}

impl HuggingFaceChoice {
    /// Its contents, without copying them.
    pub(in crate::huggingface) fn into_parts(self) -> Contents {
        let Self { delta, message, text, logprobs, finish_reason, .. } = self;
        Contents { delta, message, text, logprobs, finish_reason }
    }

    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceChoiceBuilder {
        HuggingFaceChoiceBuilder::default()
    }
}

/// What a choice holds.
#[derive(Debug)]
pub(in crate::huggingface) struct Contents {
    pub(in crate::huggingface) delta: Option<HuggingFaceDelta>,
    pub(in crate::huggingface) message: Option<HuggingFaceDelta>,
    pub(in crate::huggingface) text: Option<String>,
    pub(in crate::huggingface) logprobs: Option<HuggingFaceLogprobs>,
    pub(in crate::huggingface) finish_reason: Option<String>,
}

/// What a delta says, whichever field it stands in.
#[derive(Debug)]
pub(in crate::huggingface) struct Said {
    pub(in crate::huggingface) reasoning: Option<String>,
    pub(in crate::huggingface) text: Option<String>,
    pub(in crate::huggingface) refusal: Option<String>,
    pub(in crate::huggingface) tool_calls: Vec<HuggingFaceToolCall>,
}

impl HuggingFaceDelta {
    /// Its contents, without copying them. Of two names for the reasoning, the one with something under it counts.
    pub(in crate::huggingface) fn into_parts(self) -> Said {
        let reasoning = self.reasoning_content.filter(|text| !text.is_empty()).or(self.reasoning);
        let mut tool_calls = self.tool_calls;
        if tool_calls.is_empty() {
            tool_calls.extend(self.function_call.map(HuggingFaceToolCall::of));
        }
        Said { reasoning, text: self.content, refusal: self.refusal, tool_calls }
    }

    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceDeltaBuilder {
        HuggingFaceDeltaBuilder::default()
    }
}
