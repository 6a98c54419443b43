//! An event of a streamed answer, read.

use super::Asked;
use super::calls::{Extent, OpenCalls};
use super::logprobs::{logprobs, logprobs_of_text};
use super::thinking::Thinking;
use super::usage;
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceChunk, HuggingFaceDelta};
use botticelli_core::{ChunkCollector, Cost, Delta, FinishReason, GenerateResponse, Logprobs, Usage};

/// The most choices of an answer that are read; nobody gives more.
const MOST: usize = 1024;

/// Reads the events of one answer, and remembers what the next event does not repeat.
#[derive(Debug, Default)]
pub(in crate::huggingface) struct ChunkReader {
    /// How many choices were asked for; 0 is one, as nothing was said.
    asked: u32,
    /// Whether it is a text that is gone on with, and no chat.
    is_text: bool,
    id: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
    cost: Cost,
    /// The choices, in the order in which they came; the first one is the answer where only one was asked for.
    choices: Vec<Choice>,
    /// Whether a choice has said anything, be it nothing yet.
    has_spoken: bool,
    overflown: bool,
}

/// One choice, as far as it came.
#[derive(Debug, Default)]
struct Choice {
    /// The number that the server gives it, and ours.
    theirs: u64,
    ours: u32,
    finish_reason: Option<String>,
    calls: OpenCalls,
    thinking: Thinking,
    logprobs: Logprobs,
    /// How many bytes of log probabilities came.
    kept: usize,
}

/// A piece of the choice with this number.
#[derive(Debug)]
pub(in crate::huggingface) struct Piece {
    pub(in crate::huggingface) choice: u32,
    pub(in crate::huggingface) delta: Delta,
}

impl ChunkReader {
    /// Reads the answer to what was asked.
    pub(in crate::huggingface) fn of(asked: &Asked) -> Self {
        let choices = asked.choices.unwrap_or_default();
        // Room for the one that nearly all answers have.
        Self {
            asked: choices,
            is_text: asked.wording.is_text(),
            choices: Vec::with_capacity(1),
            ..Self::default()
        }
    }

    /// What an event brings: often one piece, sometimes none or several.
    pub(in crate::huggingface) fn read(&mut self, chunk: HuggingFaceChunk) -> Vec<Piece> {
        if let Some(id) = chunk.id().as_ref().filter(|id| !id.is_empty()) {
            self.id.get_or_insert_with(|| id.clone());
        }
        if let Some(model) = chunk.model().as_ref().filter(|model| !model.is_empty()) {
            self.model.get_or_insert_with(|| model.clone());
        }
        if let Some(dto) = chunk.usage() {
            // Cumulative on every chunk with some: the last one counts, and is never added.
            self.usage = Some(usage::usage(dto)).filter(|usage| !usage.is_empty()).or(self.usage);
            self.cost = usage::cost(dto).unwrap_or(self.cost);
        }
        let mut choices = chunk.into_choices();
        // Not everyone keeps them in order, and the one with the lowest number comes first.
        let number = |position: u64, choice: &HuggingFaceChoice| choice.index().unwrap_or(position);
        if choices.len() > 1 {
            let mut numbered: Vec<_> = (0..).zip(choices).collect();
            numbered.sort_by_key(|(position, choice)| number(*position, choice));
            choices = numbered.into_iter().map(|(_, choice)| choice).collect();
        }
        let mut pieces = Vec::new();
        for (position, dto) in (0..).zip(choices) {
            let theirs = number(position, &dto);
            let Some(choice) = find(&mut self.choices, theirs, self.asked) else {
                self.overflown = true;
                continue;
            };
            let mut deltas = Vec::new();
            self.has_spoken |= choice.read(dto, self.is_text, &mut deltas);
            let choice = choice.ours;
            pieces.extend(deltas.into_iter().map(|delta| Piece { choice, delta }));
        }
        pieces
    }

    /// What was held back because it might have been the beginning of something else. Nothing follows it.
    pub(in crate::huggingface) fn flush(&mut self) -> Vec<Piece> {
        let choices = self.choices.iter_mut();
        choices
            .filter_map(|choice| Some(Piece { choice: choice.ours, delta: choice.thinking.flush()? }))
            .collect()
    }

    /// Whether the choice of `piece`, which came last, is in the middle of what it says: an equal event would bring an equal piece,
    /// and change nothing here.
    pub(in crate::huggingface) fn goes_on(&self, piece: &Piece) -> bool {
        let choice = self.choices.iter().find(|choice| choice.ours == piece.choice);
        choice.is_some_and(|choice| {
            let is_text = matches!(piece.delta, Delta::Text(_));
            choice.finish_reason.is_none() && (choice.thinking.is_over() || !is_text)
        })
    }

    /// Whether the model has said that it is done, with every choice that it began. Usage may still follow.
    pub(in crate::huggingface) fn is_finished(&self) -> bool {
        !self.choices.is_empty() && self.choices.iter().all(|choice| choice.finish_reason.is_some())
    }

    /// Whether all choices that were asked for are done.
    pub(in crate::huggingface) fn has_everything(&self) -> bool {
        let asked = usize::try_from(self.asked).unwrap_or(usize::MAX);
        self.is_finished() && self.choices.len() >= asked
    }

    /// Whether a choice has said anything, be it an empty text: without one, there was no answer.
    pub(in crate::huggingface) fn has_spoken(&self) -> bool {
        self.has_spoken
    }

    /// How many bytes of the answer are kept here until it is whole.
    pub(in crate::huggingface) fn kept(&self) -> usize {
        self.choices.iter().map(|choice| choice.kept).fold(0, usize::saturating_add)
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
        let asked = usize::try_from(self.asked).unwrap_or(usize::MAX);
        if came < asked {
            response = response.with_warning(format!("{asked} choices were asked for, and {came} came"));
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
fn find(choices: &mut Vec<Choice>, theirs: u64, asked: u32) -> Option<&mut Choice> {
    if let Some(at) = choices.iter().position(|choice| choice.theirs == theirs) {
        return choices.get_mut(at);
    }
    if choices.len() >= MOST {
        return None;
    }
    let is_free = |number: &u32| choices.iter().all(|choice| choice.ours != *number);
    // Their number, where it is one of those that were asked for; else the first that is left.
    let theirs_or = u32::try_from(theirs).ok().filter(|number| asked > 1 && *number < asked).filter(is_free);
    let next = u32::try_from(choices.len()).unwrap_or(u32::MAX);
    let ours = theirs_or.or_else(|| Some(0).filter(is_free)).or_else(|| (next..=u32::MAX).find(is_free))?;
    choices.push(Choice { theirs, ours, ..Choice::default() });
    choices.last_mut()
}

impl Choice {
    /// Reads what it says next; tells whether it said anything, be it nothing yet.
    fn read(&mut self, choice: HuggingFaceChoice, is_text: bool, deltas: &mut Vec<Delta>) -> bool {
        let said = choice.into_parts();
        let is_silent = said.delta.is_none() && said.message.is_none();
        let has_spoken = !is_silent || said.text.is_some();
        // An empty word means "not yet", as a missing one does.
        if let Some(reason) = said.finish_reason.filter(|reason| !reason.is_empty()) {
            self.finish_reason = Some(reason);
        }
        if let Some(dto) = said.logprobs {
            self.kept = self.kept.saturating_add(dto.as_json().len());
            self.logprobs.extend(if is_text { logprobs_of_text(&dto) } else { logprobs(&dto) });
        }
        if is_text {
            self.thinking.is_elsewhere();
        }
        if let Some(delta) = said.delta {
            self.read_delta(delta, Extent::Pieces, deltas);
        }
        if let Some(message) = said.message {
            self.read_delta(message, Extent::Whole, deltas);
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

    fn read_delta(&mut self, delta: HuggingFaceDelta, extent: Extent, deltas: &mut Vec<Delta>) {
        let said = delta.into_parts();
        let present = |text: &String| !text.is_empty();
        if let Some(reasoning) = said.reasoning.filter(present) {
            self.thinking.is_elsewhere();
            deltas.push(Delta::Reasoning(reasoning));
        }
        let is_text = |text: &String| present(text) && !(extent == Extent::Pieces && self.has_leaked(text));
        if let Some(text) = said.text.filter(is_text) {
            self.thinking.read(text, deltas);
        }
        deltas.extend(said.refusal.filter(present).map(Delta::Refusal));
        let calls = self.calls.read(&said.tool_calls, extent);
        deltas.extend(calls.into_iter().map(Delta::ToolCall));
    }
}

fn is_special_token(text: &str) -> bool {
    let known = ["</s>", "<eos>", "<end_of_turn>"].contains(&text);
    let inner = text.strip_prefix("<|").and_then(|rest| rest.strip_suffix("|>"));
    known || inner.is_some_and(|inner| !inner.contains(['<', '>', '|', ' ', '\n']))
}

/// The words of the servers behind the router; an unknown one is kept.
fn finish_reason(word: String) -> FinishReason {
    match word.as_str() {
        "eos" | "eos_token" | "stop_sequence" => FinishReason::Stop,
        "function_call" => FinishReason::ToolCalls,
        _ => FinishReason::from(word),
    }
}
