//! Reads one choice of a response, delta by delta.

use super::calls::{Extent, OpenCalls};
use super::finish::{is_reason, known_reason};
use super::logprobs::{self, logprobs, logprobs_of_text};
use super::piece::{Deltas, Piece};
use super::thinking::Thinking;
use crate::huggingface::dto::{DeltaParts, HuggingFaceChoice, HuggingFaceDelta};
use botticelli_core::{Delta, FinishReason, Logprobs};

/// The part of a choice that has arrived.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// Index from the server, and the driver's own.
    pub(super) theirs: u64,
    pub(super) ours: u32,
    pub(super) finish_reason: Option<String>,
    pub(super) calls: OpenCalls,
    pub(super) thinking: Thinking,
    pub(super) logprobs: Logprobs,
    /// Bytes that its log probabilities take in memory.
    pub(super) stored_size: usize,
    /// Content that arrived in deltas. The same content in a `message` is a repetition.
    seen: SeenKinds,
    /// Content that arrived in messages, if the stream sends messages instead of deltas.
    pub(super) messages: Option<Box<Messages>>,
}

/// Kinds of content that have arrived in deltas.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each kind of content")]
struct SeenKinds {
    text: bool,
    reasoning: bool,
    refusal: bool,
    calls: bool,
}

/// All content of the messages of a stream so far.
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

    /// Reads the next part of the choice. Returns whether there was one, even an empty one.
    pub(super) fn read(
        &mut self,
        choice: &mut HuggingFaceChoice,
        is_text: bool,
        is_whole: bool,
        room: usize,
        pieces: &mut Vec<Piece>,
    ) -> bool {
        let mut deltas = Deltas { choice: self.ours, pieces };
        let deltas = &mut deltas;
        let choice = choice.take_parts();
        let contents = [&choice.delta, &choice.message];
        let is_empty = contents.into_iter().flatten().all(|content| content.is_empty());
        // A model that reasoned up to its token limit may leave no message.
        let is_cut = |reason: &String| known_reason(reason) == Some(FinishReason::Length);
        let has_content = choice.delta.is_some()
            || choice.message.is_some()
            || choice.text.is_some()
            || choice.finish_reason.as_ref().is_some_and(is_cut);
        // An empty finish reason means "not finished", like a missing one or "null".
        if let Some(reason) =
            choice.finish_reason.filter(|reason| is_reason(reason) && !self.is_cut_before(reason))
        {
            self.finish_reason = Some(reason);
        }
        if let Some(dto) = choice.logprobs {
            let weight = logprobs::weight(&dto, is_text);
            if weight > room {
                // Not parsed, because the response exceeds its limit in any case.
                self.stored_size = self.stored_size.saturating_add(weight);
            } else {
                let logprobs = if is_text { logprobs_of_text(&dto) } else { logprobs(&dto) };
                self.stored_size = self.stored_size.saturating_add(logprobs::size(&logprobs));
                self.logprobs.extend(logprobs);
            }
        }
        if is_text {
            self.thinking.disable(deltas);
        }
        if let Some(delta) = choice.delta {
            self.read_delta(*delta, deltas);
        }
        if let Some(message) = choice.message {
            self.read_message(*message, is_whole, deltas);
        }
        // Together AI repeats the text next to the delta; other providers have it only here.
        let is_new = |text: &String| is_empty && !text.is_empty() && !self.has_leaked(text);
        if let Some(text) = choice.text.filter(is_new) {
            deltas.push(Delta::Text(text));
        }
        has_content
    }

    /// Ends the choice, and adds the content that was held back.
    pub(super) fn flush(&mut self, pieces: &mut Vec<Piece>) {
        let mut deltas = Deltas { choice: self.ours, pieces };
        if let Some(delta) = self.thinking.flush() {
            deltas.push(delta);
        }
        for call in self.calls.finish() {
            deltas.push(Delta::ToolCall(call));
        }
    }

    /// Returns whether the choice was cut off before `reason`. Some gateways end every stream with `stop`.
    fn is_cut_before(&self, reason: &str) -> bool {
        let known = self.finish_reason.as_deref().and_then(known_reason);
        matches!(known, Some(FinishReason::Length | FinishReason::ContentFilter))
            && known_reason(reason) == Some(FinishReason::Stop)
    }

    /// Returns whether `text` is the end-of-sequence token, which TGI streams as text.
    fn has_leaked(&self, text: &str) -> bool {
        self.finish_reason.as_deref() == Some("eos_token") && is_special_token(text)
    }

    fn read_delta(&mut self, delta: HuggingFaceDelta, deltas: &mut Deltas<'_>) {
        let mut delta = delta.into_parts();
        let present = |text: &String| !text.is_empty();
        delta.text = delta.text.filter(|text| present(text) && !self.has_leaked(text));
        let SeenKinds { text, refusal, calls, .. } = &mut self.seen;
        *text |= delta.text.is_some();
        *refusal |= delta.refusal.as_ref().is_some_and(present);
        *calls |= !delta.tool_calls.is_empty();
        let before = deltas.pieces.len();
        self.push_content(delta, Extent::Pieces, deltas);
        let mut new = deltas.pieces.iter().skip(before);
        self.seen.reasoning |= new.any(|piece| matches!(piece.delta, Delta::Reasoning(_)));
    }

    /// Reads a whole message, or the message so far.
    ///
    /// In a stream with deltas, a message repeats them. Once deltas carried a kind of content, that kind is ignored in messages. In a
    /// stream with messages only, a message that begins with all earlier content adds the rest. Any other message is the next part.
    fn read_message(&mut self, message: HuggingFaceDelta, is_whole: bool, deltas: &mut Deltas<'_>) {
        let mut message = message.into_parts();
        let SeenKinds { text, reasoning, refusal, calls } = self.seen;
        message.text = message.text.filter(|_| !text);
        message.reasoning = message.reasoning.filter(|_| !reasoning);
        message.refusal = message.refusal.filter(|_| !refusal);
        if calls {
            message.tool_calls.clear();
        }
        if !is_whole {
            let messages = self.messages.get_or_insert_default();
            for (all, next) in [
                (&mut messages.text, &mut message.text),
                (&mut messages.reasoning, &mut message.reasoning),
                (&mut messages.refusal, &mut message.refusal),
            ] {
                *next = next.take().map(|next| match next.strip_prefix(&**all) {
                    Some(new) => new.to_owned(),
                    None => next,
                });
                all.push_str(next.as_deref().unwrap_or_default());
            }
        }
        self.push_content(message, Extent::Whole, deltas);
    }

    fn push_content(&mut self, content: DeltaParts, extent: Extent, deltas: &mut Deltas<'_>) {
        let present = |text: &String| !text.is_empty();
        if let Some(reasoning) = content.reasoning.filter(present) {
            self.thinking.disable(deltas);
            deltas.push(Delta::Reasoning(reasoning));
        }
        if let Some(text) = content.text.filter(present) {
            self.thinking.read(text, deltas);
        }
        if let Some(refusal) = content.refusal.filter(present) {
            deltas.push(Delta::Refusal(refusal));
        }
        for call in self.calls.read(&content.tool_calls, extent) {
            deltas.push(Delta::ToolCall(call));
        }
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
