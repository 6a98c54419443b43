//! Reads the events of a streamed response.

use super::calls::OpenCalls;
use super::choice::Choice;
use super::finish::{finish_reason, is_reason};
use super::piece::Piece;
use super::usage;
use super::{Decoder, ExpectedResponse};
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceChunk};
use botticelli_core::{ChunkCollector, Cost, Delta, FinishReason, GenerateResponse, Usage};
use std::sync::Arc;

/// Maximum number of choices that are read; providers send far fewer.
const MAX_CHOICES: usize = 1024;

/// Reads the events of one response, and keeps the facts that later events do not repeat.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact")]
pub(in crate::huggingface) struct ChunkReader {
    /// Number of requested choices; 0 means one, the default.
    requested: u32,
    /// Set for a text completion, unset for chat.
    is_text: bool,
    /// Set if the response is plain, not streamed.
    is_whole: bool,
    /// Names of the request's tools.
    tools: Arc<[String]>,
    id: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
    /// Set if content has arrived after the usage, which then has only a part of the completion tokens.
    is_usage_outdated: bool,
    cost: Cost,
    /// The choices in the order of their arrival. If one was requested, the first is the response.
    choices: Vec<Choice>,
    /// Set once a choice had content, even empty content.
    has_spoken: bool,
    has_too_many_choices: bool,
    /// Maximum size of the response in bytes; `None` for no limit.
    limit: Option<usize>,
    /// Meaning of the choices' indices.
    numbering: Numbering,
}

/// Meaning of the choices' indices, if one choice was requested.
///
/// Older servers of text-generation-inference number the chunks instead of the choices. An unrequested second choice looks the
/// same at first. A chunk with the next index is therefore held back until the following chunk shows which of the two cases it
/// is.
#[derive(Debug, Default)]
enum Numbering {
    /// One index has arrived.
    #[default]
    Unknown,
    /// The next index has arrived, with this chunk.
    Held(u64, Box<HuggingFaceChoice>),
    /// Each chunk of the only choice has an index.
    OfChunks,
    /// Each choice has an index.
    OfChoices,
}

impl ChunkReader {
    /// Returns a reader for the response to a request.
    pub(in crate::huggingface) fn new(expected: &ExpectedResponse) -> Self {
        // Nearly all responses have a single choice.
        Self {
            requested: expected.choices,
            is_text: !matches!(expected.decoder, Decoder::Chat),
            tools: expected.tools.clone(),
            limit: expected.limit,
            choices: Vec::with_capacity(1),
            ..Self::default()
        }
    }

    /// Returns the same reader, for a response that arrives at once.
    pub(in crate::huggingface) fn whole(mut self) -> Self {
        self.is_whole = true;
        self
    }

    /// Returns the deltas of an event: often one, sometimes none or several.
    pub(in crate::huggingface) fn read(&mut self, chunk: &mut HuggingFaceChunk) -> Vec<Piece> {
        let (id, model) = chunk.take_identity();
        self.id = self.id.take().or(id);
        self.model = self.model.take().or(model);
        let vendor = chunk.vendor().as_ref().and_then(|vendor| vendor.usage().as_ref());
        let inside = chunk.choices().iter().find_map(|choice| choice.usage().as_deref());
        let mut has_usage = false;
        if let Some(dto) = chunk.usage().as_ref().or(inside).or(vendor) {
            // Chunks report cumulative usage, so the last report counts and is never added.
            let usage = usage::report(dto);
            has_usage = usage.is_some();
            self.usage = usage.or(self.usage);
            self.cost = usage::cost(dto).unwrap_or(self.cost);
        }
        let mut choices = chunk.take_choices();
        let mut pieces = Vec::new();
        // Some servers send choices out of order. The lowest index comes first.
        let number = |position: u64, choice: &HuggingFaceChoice| choice.index().unwrap_or(position);
        if choices.len() > 1 {
            let mut numbered: Vec<_> = (0..).zip(choices).collect();
            numbered.sort_by_key(|(position, choice)| number(*position, choice));
            choices = numbered.into_iter().map(|(_, choice)| choice).collect();
        }
        let is_alone = choices.len() == 1;
        for (position, dto) in (0..).zip(&mut choices) {
            let theirs = number(position, dto);
            if let Some(theirs) = self.number(theirs, dto, is_alone, &mut pieces) {
                self.read_choice(theirs, dto, &mut pieces);
            }
        }
        self.is_usage_outdated = !has_usage && (self.is_usage_outdated || !pieces.is_empty());
        pieces
    }

    fn read_choice(&mut self, theirs: u64, dto: &mut HuggingFaceChoice, pieces: &mut Vec<Piece>) {
        let room = match (self.limit, dto.logprobs()) {
            (Some(limit), Some(_)) => limit.saturating_sub(self.stored_size()),
            _ => usize::MAX,
        };
        let Some(choice) = find(&mut self.choices, theirs, self.requested, &self.tools) else {
            self.has_too_many_choices = true;
            return;
        };
        self.has_spoken |= choice.read(dto, self.is_text, self.is_whole, room, pieces);
    }

    /// Returns the index of the choice of a chunk; `None` if the chunk is held back.
    fn number(
        &mut self,
        theirs: u64,
        dto: &mut HuggingFaceChoice,
        is_alone: bool,
        pieces: &mut Vec<Piece>,
    ) -> Option<u64> {
        let [only] = self.choices.as_slice() else { return Some(theirs) };
        let first = only.theirs;
        match std::mem::take(&mut self.numbering) {
            Numbering::OfChunks => {
                self.numbering = Numbering::OfChunks;
                return Some(first);
            }
            Numbering::Held(last, mut held) => {
                let continues = is_alone && Some(theirs) == last.checked_add(1);
                self.numbering = if continues { Numbering::OfChunks } else { Numbering::OfChoices };
                self.read_choice(if continues { first } else { last }, &mut held, pieces);
                return Some(if continues { first } else { theirs });
            }
            Numbering::Unknown if theirs != first => {
                let may_count =
                    self.requested <= 1 && is_alone && !self.is_whole && only.finish_reason.is_none();
                if may_count && Some(theirs) == first.checked_add(1) {
                    self.numbering = Numbering::Held(theirs, Box::new(std::mem::take(dto)));
                    return None;
                }
                self.numbering = Numbering::OfChoices;
            }
            numbering => self.numbering = numbering,
        }
        Some(theirs)
    }

    /// Ends the stream, and returns the content that was held back.
    pub(in crate::huggingface) fn flush(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if let Numbering::Held(_, mut held) = std::mem::take(&mut self.numbering) {
            self.numbering = Numbering::OfChunks;
            if let Some(first) = self.choices.first().map(|choice| choice.theirs) {
                self.read_choice(first, &mut held, &mut pieces);
            }
        }
        for choice in &mut self.choices {
            choice.flush(&mut pieces);
        }
        pieces
    }

    /// Returns whether an event equal to the latest one would give an equal delta and change nothing else. `piece` is the latest
    /// delta.
    pub(in crate::huggingface) fn is_repeatable(&self, piece: &Piece) -> bool {
        let choice = self.choices.iter().find(|choice| choice.ours == piece.choice);
        choice.is_some_and(|choice| {
            let is_settled = match &piece.delta {
                Delta::Text(_) => choice.thinking.is_text_only(),
                Delta::ToolCall(call) => choice.calls.is_steady(call.index()),
                _ => true,
            };
            choice.finish_reason.is_none() && choice.messages.is_none() && is_settled
        })
    }

    /// Adds the next part of a tool call's arguments. Requires that [`is_repeatable`](Self::is_repeatable) holds. Returns how many of
    /// its bytes to pass on, and whether it still holds.
    pub(in crate::huggingface) fn extend_call(
        &mut self,
        choice: u32,
        call: usize,
        part: &str,
    ) -> (usize, bool) {
        match self.choices.iter_mut().find(|known| known.ours == choice) {
            Some(choice) => choice.calls.extend(call, part),
            None => (part.len(), false),
        }
    }

    /// Returns whether every choice that began has finished. Usage may still follow.
    pub(in crate::huggingface) fn is_finished(&self) -> bool {
        let is_held = match &self.numbering {
            Numbering::Held(_, held) => held.finish_reason().as_deref().is_some_and(is_reason),
            _ => false,
        };
        let is_finished = |choice: &Choice| choice.finish_reason.is_some();
        !self.choices.is_empty() && (is_held || self.choices.iter().all(is_finished))
    }

    /// Returns whether all requested choices have finished.
    pub(in crate::huggingface) fn has_everything(&self) -> bool {
        let requested = usize::try_from(self.requested).unwrap_or(usize::MAX);
        self.is_finished() && self.choices.len() >= requested
    }

    /// Returns whether any choice had content, even empty content. Otherwise there was no response.
    pub(in crate::huggingface) fn has_spoken(&self) -> bool {
        self.has_spoken
    }

    /// Returns the size limit, if the reader holds more than it allows.
    pub(in crate::huggingface) fn exceeded(&self) -> Option<usize> {
        self.limit.filter(|limit| self.stored_size() > *limit)
    }

    /// Returns the number of bytes that the reader holds until the response is complete.
    pub(in crate::huggingface) fn stored_size(&self) -> usize {
        let stored_size = self.choices.iter().map(|choice| {
            let messages = choice.messages.as_ref().map_or(0, |messages| messages.len());
            choice.stored_size.saturating_add(choice.calls.held()).saturating_add(messages)
        });
        stored_size.fold(0, usize::saturating_add)
    }

    /// Returns the token usage, if the service has reported it.
    pub(in crate::huggingface) fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Builds the complete response.
    pub(in crate::huggingface) fn finish(self, mut collected: ChunkCollector) -> GenerateResponse {
        let received = self.choices.len();
        let usage = self.usage.map(|usage| {
            let usage = if self.is_usage_outdated { usage::of_beginning(usage) } else { usage };
            usage::possible(usage, self.is_text, !collected.is_empty())
        });
        let mut first = FinishReason::Unspecified;
        for choice in self.choices {
            let reason = choice.finish_reason.map_or(FinishReason::Unspecified, finish_reason);
            if !choice.logprobs.is_empty() {
                collected.push_logprobs(choice.ours, choice.logprobs);
            }
            match choice.ours {
                0 => first = reason,
                other => collected.end(other, reason),
            }
        }
        let mut response = collected.finish(first, usage);
        response.set_identity(self.id, self.model);
        response.set_cost(self.cost);
        let requested = usize::try_from(self.requested).unwrap_or(usize::MAX);
        if received < requested {
            let warning = format!("the request asked for {requested} choices, the response has {received}");
            response.add_warnings([warning]);
        }
        if let FinishReason::Other(word) = response.finish_reason() {
            let warning = format!("the service ended the response with {word:?}, so it may be incomplete");
            response.add_warnings([warning]);
        }
        if self.has_too_many_choices {
            response.add_warnings([format!("only the first {MAX_CHOICES} choices were read")]);
        }
        response
    }
}

/// Returns the choice with the server's index `theirs`. If one choice was requested, the first to arrive is that one.
fn find<'a>(
    choices: &'a mut Vec<Choice>,
    theirs: u64,
    requested: u32,
    tools: &Arc<[String]>,
) -> Option<&'a mut Choice> {
    if let Some(at) = choices.iter().position(|choice| choice.theirs == theirs) {
        return choices.get_mut(at);
    }
    if choices.len() >= MAX_CHOICES {
        return None;
    }
    let is_free = |number: &u32| choices.iter().all(|choice| choice.ours != *number);
    // Keep the server's index if it is within the requested range. Otherwise take the first free one.
    let theirs_or =
        u32::try_from(theirs).ok().filter(|number| requested > 1 && *number < requested).filter(is_free);
    let next = u32::try_from(choices.len()).unwrap_or(u32::MAX);
    let ours = theirs_or.or_else(|| Some(0).filter(is_free)).or_else(|| (next..=u32::MAX).find(is_free))?;
    choices.push(Choice::new(theirs, ours, OpenCalls::with_tools(tools.clone())));
    choices.last_mut()
}
