//! One choice of an answer, read piece by piece.

use super::calls::{Extent, OpenCalls};
use super::finish::{finish_reason, is_reason};
use super::logprobs::{self, logprobs, logprobs_of_text};
use super::thinking::Thinking;
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceDelta, Said};
use botticelli_core::{Delta, FinishReason, Logprobs};

/// One choice, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// The number that the server gives it, and ours.
    pub(super) theirs: u64,
    pub(super) ours: u32,
    pub(super) finish_reason: Option<String>,
    pub(super) calls: OpenCalls,
    pub(super) thinking: Thinking,
    pub(super) logprobs: Logprobs,
    /// How many bytes its log probabilities take in memory.
    pub(super) kept: usize,
    /// What deltas have brought: the same in a `message` is a repetition.
    brought: Brought,
    /// What messages have brought, in a stream that sends messages without deltas.
    pub(super) messages: Option<Box<Messages>>,
}

/// The kinds of content that deltas have brought.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each kind of content")]
struct Brought {
    text: bool,
    reasoning: bool,
    refusal: bool,
    calls: bool,
}

/// All that the messages of a stream have brought so far.
#[derive(Debug, Default)]
pub(super) struct Messages {
    text: String,
    reasoning: String,
    refusal: String,
}

impl Choice {
    pub(super) fn new(theirs: u64, ours: u32, calls: OpenCalls) -> Self {
        Self { theirs, ours, calls, ..Self::default() }
    }

    /// Reads what it says next; tells whether it said anything, be it nothing yet.
    pub(super) fn read(
        &mut self,
        choice: HuggingFaceChoice,
        is_text: bool,
        is_whole: bool,
        room: usize,
        deltas: &mut Vec<Delta>,
    ) -> bool {
        let said = choice.into_parts();
        let is_silent = said.delta.as_ref().is_none_or(HuggingFaceDelta::is_empty)
            && said.message.as_ref().is_none_or(HuggingFaceDelta::is_empty);
        // A model that thought up to its limit may leave no message behind.
        let is_cut = |reason: &String| finish_reason(reason.clone()) == FinishReason::Length;
        let has_spoken = said.delta.is_some()
            || said.message.is_some()
            || said.text.is_some()
            || said.finish_reason.as_ref().is_some_and(is_cut);
        // An empty word means "not yet", as a missing one does; so does the word for nothing.
        if let Some(reason) = said.finish_reason.filter(|reason| is_reason(reason)) {
            self.finish_reason = Some(reason);
        }
        if let Some(dto) = said.logprobs {
            let weight = logprobs::weight(&dto, is_text);
            if weight > room {
                // They are not even read: the answer is too large.
                self.kept = self.kept.saturating_add(weight);
            } else {
                let logprobs = if is_text { logprobs_of_text(&dto) } else { logprobs(&dto) };
                self.kept = self.kept.saturating_add(logprobs::size(&logprobs));
                self.logprobs.extend(logprobs);
            }
        }
        if is_text {
            self.thinking.is_elsewhere(deltas);
        }
        if let Some(delta) = said.delta {
            self.read_delta(delta, deltas);
        }
        if let Some(message) = said.message {
            self.read_message(message, is_whole, deltas);
        }
        // together repeats the text beside the delta; others have it only there.
        let is_new = |text: &String| is_silent && !text.is_empty() && !self.has_leaked(text);
        deltas.extend(said.text.filter(is_new).map(Delta::Text));
        has_spoken
    }

    /// TGI streams the token that ended the answer, `</s>`, as if it were text.
    fn has_leaked(&self, text: &str) -> bool {
        self.finish_reason.as_deref() == Some("eos_token") && is_special_token(text)
    }

    fn read_delta(&mut self, delta: HuggingFaceDelta, deltas: &mut Vec<Delta>) {
        let mut said = delta.into_parts();
        let present = |text: &String| !text.is_empty();
        said.text = said.text.filter(|text| present(text) && !self.has_leaked(text));
        let Brought { text, refusal, calls, .. } = &mut self.brought;
        *text |= said.text.is_some();
        *refusal |= said.refusal.as_ref().is_some_and(present);
        *calls |= !said.tool_calls.is_empty();
        self.bring(said, Extent::Pieces, deltas);
        self.brought.reasoning |= deltas.iter().any(|delta| matches!(delta, Delta::Reasoning(_)));
    }

    /// Reads a whole message, or the message so far.
    ///
    /// In a chunk, a message repeats what deltas have brought: of each kind, deltas count once one brought some. Where only messages
    /// come, one that begins with all that came before repeats it, and adds the rest; any other is the next piece.
    fn read_message(&mut self, message: HuggingFaceDelta, is_whole: bool, deltas: &mut Vec<Delta>) {
        let mut said = message.into_parts();
        let Brought { text, reasoning, refusal, calls } = self.brought;
        said.text = said.text.filter(|_| !text);
        said.reasoning = said.reasoning.filter(|_| !reasoning);
        said.refusal = said.refusal.filter(|_| !refusal);
        if calls {
            said.tool_calls.clear();
        }
        if !is_whole {
            let messages = self.messages.get_or_insert_default();
            for (all, next) in [
                (&mut messages.text, &mut said.text),
                (&mut messages.reasoning, &mut said.reasoning),
                (&mut messages.refusal, &mut said.refusal),
            ] {
                *next = next.take().map(|next| match next.strip_prefix(&**all) {
                    Some(new) => new.to_owned(),
                    None => next,
                });
                all.push_str(next.as_deref().unwrap_or_default());
            }
        }
        self.bring(said, Extent::Whole, deltas);
    }

    fn bring(&mut self, said: Said, extent: Extent, deltas: &mut Vec<Delta>) {
        let present = |text: &String| !text.is_empty();
        if let Some(reasoning) = said.reasoning.filter(present) {
            self.thinking.is_elsewhere(deltas);
            deltas.push(Delta::Reasoning(reasoning));
        }
        if let Some(text) = said.text.filter(present) {
            self.thinking.read(text, deltas);
        }
        deltas.extend(said.refusal.filter(present).map(Delta::Refusal));
        let calls = self.calls.read(&said.tool_calls, extent);
        deltas.extend(calls.into_iter().map(Delta::ToolCall));
    }
}

impl Messages {
    pub(super) fn len(&self) -> usize {
        self.text.len().saturating_add(self.reasoning.len()).saturating_add(self.refusal.len())
    }
}

fn is_special_token(text: &str) -> bool {
    let known = ["</s>", "<eos>", "<end_of_turn>"].contains(&text);
    let inner = text.strip_prefix("<|").and_then(|rest| rest.strip_suffix("|>"));
    known || inner.is_some_and(|inner| !inner.contains(['<', '>', '|', ' ', '\n']))
}
