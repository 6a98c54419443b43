//! A choice of a response, whole or in part.

use super::HuggingFaceContentText;
use super::HuggingFaceFunction;
use super::HuggingFaceLogprobs;
use super::HuggingFaceToolCall;
use super::HuggingFaceUsage;
use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde_json::Value;

/// A choice of a response, whole (`message`) or in part (`delta`).
///
/// Both fields are read everywhere: some servers send a whole message in an event, or a delta in a one-shot response. They are
/// boxed, because a choice passes through several functions.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceChoice {
    /// Index of the choice.
    #[getter(copy)]
    index: Option<u64>,
    /// The whole message.
    message: Option<Box<HuggingFaceDelta>>,
    /// A part of the message.
    delta: Option<Box<HuggingFaceDelta>>,
    /// Text of a server of text completions that responds to a chat.
    text: Option<String>,
    /// Error of this choice alone, as some gateways write it.
    error: Option<Value>,
    /// Log probabilities, in OpenAI's format or in the server's own.
    logprobs: Option<HuggingFaceLogprobs>,
    /// Finish reason, missing or null until the choice ends. New values appear over time.
    finish_reason: Option<String>,
    /// Token usage, if the server writes it into the choice.
    usage: Option<Box<HuggingFaceUsage>>,
}

lenient::read_object! {
    HuggingFaceChoice {
        index: Option<u64> = lenient::count, "index";
        message: Option<Box<HuggingFaceDelta>> = lenient::boxed, "message";
        delta: Option<Box<HuggingFaceDelta>> = lenient::boxed, "delta";
        text: Option<String> = lenient::text, "text";
        error: Option<Value> = lenient::error, "error";
        logprobs: Option<HuggingFaceLogprobs> = serde::Deserialize::deserialize, "logprobs";
        finish_reason: Option<String> = lenient::reason, "finish_reason";
        usage: Option<Box<HuggingFaceUsage>> = lenient::boxed, "usage";
    }
}

impl lenient::Weigh for HuggingFaceChoice {
    /// Returns the weight of the choice, which includes the tool calls in it.
    fn weight(&self) -> usize {
        let calls =
            |delta: &Option<Box<HuggingFaceDelta>>| delta.as_ref().map_or(0, |delta| delta.tool_calls.len());
        calls(&self.delta).saturating_add(calls(&self.message)).saturating_add(16)
    }
}

/// Content of a choice, or the next part of the content.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceDelta {
    /// `assistant`.
    role: Option<String>,
    /// The text. Missing, null or empty next to tool calls and in the first and last delta.
    content: Option<HuggingFaceContentText>,
    /// The reasoning, in one of several fields.
    reasoning_content: Option<String>,
    /// The reasoning, under another name.
    reasoning: Option<String>,
    /// The reasoning, under Ollama's name.
    thinking: Option<String>,
    /// The reasoning in parts, as OpenRouter writes it, usually next to `reasoning`.
    reasoning_details: Option<String>,
    /// The model's refusal to respond.
    refusal: Option<String>,
    /// Tool calls. Some servers send a single one without the list around it.
    tool_calls: Vec<HuggingFaceToolCall>,
    /// The function call, in OpenAI's older format.
    function_call: Option<HuggingFaceFunction>,
}

lenient::read_object! {
    HuggingFaceDelta {
        role: Option<String> = lenient::word, "role";
        content: Option<HuggingFaceContentText> = lenient::content, "content";
        reasoning_content: Option<String> = lenient::text, "reasoning_content";
        reasoning: Option<String> = lenient::text, "reasoning";
        thinking: Option<String> = lenient::text, "thinking";
        reasoning_details: Option<String> = lenient::reasoning, "reasoning_details";
        refusal: Option<String> = lenient::text, "refusal";
        tool_calls: Vec<HuggingFaceToolCall> = lenient::one_or_more, "tool_calls";
        function_call: Option<HuggingFaceFunction> = lenient::object, "function_call";
    }
}

impl HuggingFaceChoice {
    /// Takes the contents out of the choice.
    pub(in crate::huggingface) fn take_parts(&mut self) -> ChoiceParts {
        ChoiceParts {
            delta: self.delta.take(),
            message: self.message.take(),
            text: self.text.take(),
            logprobs: self.logprobs.take(),
            finish_reason: self.finish_reason.take(),
        }
    }

    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceChoiceBuilder {
        HuggingFaceChoiceBuilder::default()
    }
}

/// Parts of a choice.
#[derive(Debug)]
pub(in crate::huggingface) struct ChoiceParts {
    pub(in crate::huggingface) delta: Option<Box<HuggingFaceDelta>>,
    pub(in crate::huggingface) message: Option<Box<HuggingFaceDelta>>,
    pub(in crate::huggingface) text: Option<String>,
    pub(in crate::huggingface) logprobs: Option<HuggingFaceLogprobs>,
    pub(in crate::huggingface) finish_reason: Option<String>,
}

/// Parts of a delta, with alternative fields merged.
#[derive(Debug)]
pub(in crate::huggingface) struct DeltaParts {
    pub(in crate::huggingface) reasoning: Option<String>,
    pub(in crate::huggingface) text: Option<String>,
    pub(in crate::huggingface) refusal: Option<String>,
    pub(in crate::huggingface) tool_calls: Vec<HuggingFaceToolCall>,
}

impl HuggingFaceDelta {
    /// Returns whether the delta has no known field, not even a role.
    pub(in crate::huggingface) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the contents without copying them. Of the fields for reasoning, the first non-empty one counts, because servers that
    /// fill two of them repeat the same text.
    pub(in crate::huggingface) fn into_parts(self) -> DeltaParts {
        let HuggingFaceContentText { text, reasoning, refusal } = self.content.unwrap_or_default();
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let reasoning = filled(self.reasoning_content)
            .or(filled(self.reasoning))
            .or(filled(self.thinking))
            .or(filled(self.reasoning_details))
            .or(filled(reasoning));
        let mut tool_calls = self.tool_calls;
        if tool_calls.is_empty() {
            tool_calls.extend(self.function_call.map(HuggingFaceToolCall::of));
        }
        DeltaParts { reasoning, text, refusal: filled(self.refusal).or(refusal), tool_calls }
    }

    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceDeltaBuilder {
        HuggingFaceDeltaBuilder::default()
    }
}
