//! An event of a streamed answer, read.

use super::calls::OpenCalls;
use super::choice::Choice;
use super::finish::{finish_reason, is_reason};
use super::usage;
use super::{Decoder, ExpectedResponse};
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceChunk};
use botticelli_core::{ChunkCollector, Cost, Delta, FinishReason, GenerateResponse, Usage};
use std::sync::Arc;

/// The most choices of an answer that are read; nobody gives more.
const MOST: usize = 1024;

/// Reads the events of one answer, and remembers what the next event does not repeat.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(in crate::huggingface) struct ChunkReader {
    /// How many choices were asked for; 0 is one, as nothing was said.
    requested: u32,
    /// Whether it is a text that is gone on with, and no chat.
    is_text: bool,
    /// Whether all of the answer comes at once.
    is_whole: bool,
    /// The names of the tools that the request offers.
    tools: Arc<[String]>,
    id: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
    cost: Cost,
    /// The choices, in the order in which they came; the first one is the answer where only one was asked for.
    choices: Vec<Choice>,
    /// Whether a choice has said anything, be it nothing yet.
    has_spoken: bool,
    overflown: bool,
    /// How many bytes the answer may take; `None` is no limit.
    limit: Option<usize>,
    /// Whether the numbers of the choices count the chunks of a single choice.
    numbering: Numbering,
}

/// What the numbers of the choices mean, where one choice was asked for.
///
/// Older servers of text-generation-inference number the chunks. A second choice that nobody asked for looks the same at first: a
/// chunk with the next number is held back until the one after it shows which it is.
#[derive(Debug, Default)]
enum Numbering {
    /// One number has come.
    #[default]
    Unknown,
    /// The next number has come, with this.
    Held(u64, Box<HuggingFaceChoice>),
    /// Each chunk of the one choice has a number of its own.
    OfChunks,
    /// A number for each choice.
    OfChoices,
}

/// A piece of the choice with this number.
#[derive(Debug)]
pub(in crate::huggingface) struct Piece {
    pub(in crate::huggingface) choice: u32,
    pub(in crate::huggingface) delta: Delta,
}

impl ChunkReader {
    /// Returns a reader of this response.
    pub(in crate::huggingface) fn new(expected: &ExpectedResponse) -> Self {
        // Room for the one that nearly all answers have.
        Self {
            requested: expected.choices,
            is_text: !matches!(expected.decoder, Decoder::Chat),
            tools: expected.tools.clone(),
            limit: expected.limit,
            choices: Vec::with_capacity(1),
            ..Self::default()
        }
    }

    /// The same reader, for an answer that comes at once.
    pub(in crate::huggingface) fn whole(mut self) -> Self {
        self.is_whole = true;
        self
    }

    /// What an event brings: often one piece, sometimes none or several.
    pub(in crate::huggingface) fn read(&mut self, chunk: HuggingFaceChunk) -> Vec<Piece> {
        if let Some(id) = chunk.id().as_ref().filter(|id| !id.is_empty()) {
            self.id.get_or_insert_with(|| id.clone());
        }
        if let Some(model) = chunk.model().as_ref().filter(|model| !model.is_empty()) {
            self.model.get_or_insert_with(|| model.clone());
        }
        let vendor = chunk.vendor().as_ref().and_then(|vendor| vendor.usage().as_ref());
        let inside = chunk.choices().iter().find_map(|choice| choice.usage().as_ref());
        if let Some(dto) = chunk.usage().as_ref().or(inside).or(vendor) {
            // Cumulative on every chunk with some: the last one counts, and is never added.
            self.usage = Some(usage::usage(dto)).filter(|usage| !usage.is_empty()).or(self.usage);
            self.cost = usage::cost(dto).unwrap_or(self.cost);
        }
        let mut choices = chunk.into_choices();
        let mut pieces = Vec::new();
        // Not everyone keeps them in order, and the one with the lowest number comes first.
        let number = |position: u64, choice: &HuggingFaceChoice| choice.index().unwrap_or(position);
        if choices.len() > 1 {
            let mut numbered: Vec<_> = (0..).zip(choices).collect();
            numbered.sort_by_key(|(position, choice)| number(*position, choice));
            choices = numbered.into_iter().map(|(_, choice)| choice).collect();
        }
        let is_alone = choices.len() == 1;
        for (position, dto) in (0..).zip(choices) {
            let theirs = number(position, &dto);
            if let Some((theirs, dto)) = self.number(theirs, dto, is_alone, &mut pieces) {
                self.read_choice(theirs, dto, &mut pieces);
            }
        }
        pieces
    }

    fn read_choice(&mut self, theirs: u64, dto: HuggingFaceChoice, pieces: &mut Vec<Piece>) {
        let room = match (self.limit, dto.logprobs()) {
            (Some(limit), Some(_)) => limit.saturating_sub(self.kept()),
            _ => usize::MAX,
        };
        let Some(choice) = find(&mut self.choices, theirs, self.requested, &self.tools) else {
            self.overflown = true;
            return;
        };
        let mut deltas = Vec::new();
        self.has_spoken |= choice.read(dto, self.is_text, self.is_whole, room, &mut deltas);
        let choice = choice.ours;
        pieces.extend(deltas.into_iter().map(|delta| Piece { choice, delta }));
    }

    /// The choice to which a chunk belongs, by its number; `None` if the chunk is held back.
    fn number(
        &mut self,
        theirs: u64,
        dto: HuggingFaceChoice,
        is_alone: bool,
        pieces: &mut Vec<Piece>,
    ) -> Option<(u64, HuggingFaceChoice)> {
        let [only] = self.choices.as_slice() else { return Some((theirs, dto)) };
        let first = only.theirs;
        match std::mem::take(&mut self.numbering) {
            Numbering::OfChunks => {
                self.numbering = Numbering::OfChunks;
                return Some((first, dto));
            }
            Numbering::Held(last, held) => {
                let goes_on = is_alone && Some(theirs) == last.checked_add(1);
                self.numbering = if goes_on { Numbering::OfChunks } else { Numbering::OfChoices };
                self.read_choice(if goes_on { first } else { last }, *held, pieces);
                return Some((if goes_on { first } else { theirs }, dto));
            }
            Numbering::Unknown if theirs != first => {
                let may_count =
                    self.requested <= 1 && is_alone && !self.is_whole && only.finish_reason.is_none();
                if may_count && Some(theirs) == first.checked_add(1) {
                    self.numbering = Numbering::Held(theirs, Box::new(dto));
                    return None;
                }
                self.numbering = Numbering::OfChoices;
            }
            numbering => self.numbering = numbering,
        }
        Some((theirs, dto))
    }

    /// What was held back because it might have been the beginning of something else. Nothing follows it.
    pub(in crate::huggingface) fn flush(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if let Numbering::Held(_, held) = std::mem::take(&mut self.numbering) {
            self.numbering = Numbering::OfChunks;
            if let Some(first) = self.choices.first().map(|choice| choice.theirs) {
                self.read_choice(first, *held, &mut pieces);
            }
        }
        for Choice { ours: choice, thinking, calls, .. } in &mut self.choices {
            let deltas = thinking.flush().into_iter().chain(calls.finish().into_iter().map(Delta::ToolCall));
            pieces.extend(deltas.map(|delta| Piece { choice: *choice, delta }));
        }
        pieces
    }

    /// Whether the choice of `piece`, which came last, is in the middle of what it says: an equal event would bring an equal piece,
    /// and change nothing here.
    pub(in crate::huggingface) fn goes_on(&self, piece: &Piece) -> bool {
        let choice = self.choices.iter().find(|choice| choice.ours == piece.choice);
        choice.is_some_and(|choice| {
            let is_settled = match &piece.delta {
                Delta::Text(_) => choice.thinking.is_over(),
                Delta::ToolCall(call) => choice.calls.is_steady(call.index()),
                _ => true,
            };
            choice.finish_reason.is_none() && choice.messages.is_none() && is_settled
        })
    }

    /// Takes the next part of a tool call's arguments, where an ordinary part [goes on](Self::goes_on). Returns how many bytes of it
    /// are to be passed on, and whether the next part is an ordinary one too.
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

    /// Whether the model has said that it is done, with every choice that it began. Usage may still follow.
    pub(in crate::huggingface) fn is_finished(&self) -> bool {
        let is_held = match &self.numbering {
            Numbering::Held(_, held) => held.finish_reason().as_deref().is_some_and(is_reason),
            _ => false,
        };
        let is_finished = |choice: &Choice| choice.finish_reason.is_some();
        !self.choices.is_empty() && (is_held || self.choices.iter().all(is_finished))
    }

    /// Whether all choices that were asked for are done.
    pub(in crate::huggingface) fn has_everything(&self) -> bool {
        let requested = usize::try_from(self.requested).unwrap_or(usize::MAX);
        self.is_finished() && self.choices.len() >= requested
    }

    /// Whether a choice has said anything, be it an empty text: without one, there was no answer.
    pub(in crate::huggingface) fn has_spoken(&self) -> bool {
        self.has_spoken
    }

    /// The limit that what is kept here has passed, if it has.
    pub(in crate::huggingface) fn exceeded(&self) -> Option<usize> {
        self.limit.filter(|limit| self.kept() > *limit)
    }

    /// How many bytes of the answer are kept here until it is whole.
    pub(in crate::huggingface) fn kept(&self) -> usize {
        let kept = self.choices.iter().map(|choice| {
            let messages = choice.messages.as_ref().map_or(0, |messages| messages.len());
            choice.kept.saturating_add(choice.calls.held()).saturating_add(messages)
        });
        kept.fold(0, usize::saturating_add)
    }

    /// How many tokens it took, as far as the service has said so.
    pub(in crate::huggingface) fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The whole answer.
    pub(in crate::huggingface) fn finish(self, mut collected: ChunkCollector) -> GenerateResponse {
        let came = self.choices.len();
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
        let mut response =
            collected.finish(first, self.usage).with_identity(self.id, self.model).with_cost(self.cost);
        let requested = usize::try_from(self.requested).unwrap_or(usize::MAX);
        if came < requested {
            response = response.with_warning(format!("{requested} choices were asked for, and {came} came"));
        }
        if let FinishReason::Other(word) = response.finish_reason() {
            let warning = format!("the service ended the answer with {word:?}: it may not be whole");
            response = response.with_warning(warning);
        }
        if self.overflown {
            response = response.with_warning(format!("only the first {MOST} choices were read"));
        }
        response
    }
}

/// The choice to which the server gives this number. Where one was asked for, whichever comes first is it.
fn find<'a>(
    choices: &'a mut Vec<Choice>,
    theirs: u64,
    requested: u32,
    tools: &Arc<[String]>,
) -> Option<&'a mut Choice> {
    if let Some(at) = choices.iter().position(|choice| choice.theirs == theirs) {
        return choices.get_mut(at);
    }
    if choices.len() >= MOST {
        return None;
    }
    let is_free = |number: &u32| choices.iter().all(|choice| choice.ours != *number);
    // Their number, where it is one of those that were asked for; else the first that is left.
    let theirs_or =
        u32::try_from(theirs).ok().filter(|number| requested > 1 && *number < requested).filter(is_free);
    let next = u32::try_from(choices.len()).unwrap_or(u32::MAX);
    let ours = theirs_or.or_else(|| Some(0).filter(is_free)).or_else(|| (next..=u32::MAX).find(is_free))?;
    choices.push(Choice::new(theirs, ours, OpenCalls::offered(tools.clone())));
    choices.last_mut()
}
