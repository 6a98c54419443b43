//! One of the answers, whole or a piece of it.

use super::HuggingFaceFunction;
use super::HuggingFaceLogprobs;
use super::HuggingFaceToolCall;
use super::HuggingFaceUsage;
use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde_json::Value;

/// One of the answers, whole (`message`) or a piece of it (`delta`).
///
/// Both are read in either place: some servers put the whole answer into an event, or a piece into a plain answer.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceChoice {
    /// The number of the choice.
    #[getter(copy)]
    index: Option<u64>,
    /// The whole answer.
    message: Option<HuggingFaceDelta>,
    /// A piece of the answer.
    delta: Option<HuggingFaceDelta>,
    /// The text, where a server of text completions answers a chat.
    text: Option<String>,
    /// An error of this choice alone, as some gateways write it.
    error: Option<Value>,
    /// How likely each token was: an object of OpenAI's, or a form of the server's own.
    logprobs: Option<HuggingFaceLogprobs>,
    /// Why it ended: an open set of words, missing or null until then.
    finish_reason: Option<String>,
    /// How many tokens it took, where a server writes the usage into the choice.
    usage: Option<HuggingFaceUsage>,
}

lenient::read_object! {
    HuggingFaceChoice {
        index: Option<u64> = lenient::count, "index";
        message: Option<HuggingFaceDelta> = lenient::object, "message";
        delta: Option<HuggingFaceDelta> = lenient::object, "delta";
        text: Option<String> = lenient::text, "text";
        error: Option<Value> = lenient::told, "error";
        logprobs: Option<HuggingFaceLogprobs> = serde::Deserialize::deserialize, "logprobs";
        finish_reason: Option<String> = lenient::reason, "finish_reason";
        usage: Option<HuggingFaceUsage> = lenient::object, "usage";
    }
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
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceDelta {
    /// `assistant`.
    role: Option<String>,
    /// The text. Missing, null or empty beside tool calls and in opening and closing pieces.
    content: Option<HuggingFaceContentText>,
    /// The reasoning, under one of its names.
    reasoning_content: Option<String>,
    /// The reasoning, under its other name.
    reasoning: Option<String>,
    /// The reasoning, as Ollama names it.
    thinking: Option<String>,
    /// The reasoning in parts, as OpenRouter writes it, usually next to `reasoning`.
    reasoning_details: Option<String>,
    /// What the model says instead of an answer.
    refusal: Option<String>,
    /// The tools that are to be called; with some servers a single one without the list around it.
    tool_calls: Vec<HuggingFaceToolCall>,
    /// The one function that is to be called, in OpenAI's older form.
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
    /// Whether the delta has no field that is known: not even a role.
    pub(in crate::huggingface) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Its contents, without copying them. Of several names for the reasoning, the first with something under it counts:
    /// servers that write two of them write the same text under both.
    pub(in crate::huggingface) fn into_parts(self) -> Said {
        let HuggingFaceContentText { text, reasoning, refusal } = self.content.unwrap_or_default();
        let fields = [self.reasoning_content, self.reasoning, self.thinking, self.reasoning_details];
        let reasoning = fields.into_iter().flatten().chain(reasoning).find(|text| !text.is_empty());
        let mut tool_calls = self.tool_calls;
        if tool_calls.is_empty() {
            tool_calls.extend(self.function_call.map(HuggingFaceToolCall::of));
        }
        Said {
            reasoning,
            text,
            refusal: self.refusal.filter(|text| !text.is_empty()).or(refusal),
            tool_calls,
        }
    }

    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceDeltaBuilder {
        HuggingFaceDeltaBuilder::default()
    }
}

/// The content of a message, with the parts of each kind joined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Getters)]
pub struct HuggingFaceContentText {
    /// The text.
    pub(super) text: Option<String>,
    /// Reasoning that stands among the parts, as Mistral writes it.
    pub(super) reasoning: Option<String>,
    /// A refusal that stands among the parts.
    pub(super) refusal: Option<String>,
}

impl<T: Into<String>> From<T> for HuggingFaceContentText {
    fn from(text: T) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }
}

impl lenient::Merge for Option<HuggingFaceContentText> {
    fn merge(&mut self, next: Self) {
        let Some(next) = next else { return };
        let content = self.get_or_insert_default();
        content.text.merge(next.text);
        content.reasoning.merge(next.reasoning);
        content.refusal.merge(next.refusal);
    }
}
