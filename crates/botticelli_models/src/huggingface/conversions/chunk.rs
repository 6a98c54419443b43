//! An event of a streamed answer, read.

use super::calls::{Extent, OpenCalls};
use super::usage;
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceChunk, HuggingFaceDelta};
use botticelli_core::{ChunkCollector, Cost, Delta, FinishReason, GenerateResponse, Usage};

/// Reads the events of one answer, and remembers what the next event does not repeat.
#[derive(Debug, Default)]
pub(in crate::huggingface) struct ChunkReader {
    id: Option<String>,
    model: Option<String>,
    finish_reason: Option<String>,
    usage: Option<Usage>,
    cost: Cost,
    calls: OpenCalls,
    /// The number of the choice that is read: the first that came.
    choice: Option<u64>,
    other_choices: bool,
    /// Whether a choice has said anything, be it nothing yet.
    has_spoken: bool,
}

impl ChunkReader {
    /// What an event brings: often one piece, sometimes none or several.
    pub(in crate::huggingface) fn read(&mut self, chunk: HuggingFaceChunk) -> Vec<Delta> {
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
        let mut deltas = Vec::new();
        let numbered = (0..).zip(chunk.into_choices());
        let choices: Vec<_> =
            numbered.map(|(position, choice)| (choice.index().unwrap_or(position), choice)).collect();
        self.choice = self.choice.or(choices.iter().map(|(number, _)| *number).min());
        for (number, choice) in choices {
            if self.choice == Some(number) {
                self.read_choice(choice, &mut deltas);
            } else {
                self.other_choices = true;
            }
        }
        deltas
    }

    /// Whether the model has said that it is done. Usage may still follow.
    pub(in crate::huggingface) fn is_finished(&self) -> bool {
        self.finish_reason.is_some()
    }

    /// Whether a choice has said anything, be it an empty text: without one, there was no answer.
    pub(in crate::huggingface) fn has_spoken(&self) -> bool {
        self.has_spoken
    }

    /// How many tokens it took, as far as the service has said so.
    pub(in crate::huggingface) fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The whole answer.
    pub(in crate::huggingface) fn finish(self, collected: ChunkCollector) -> GenerateResponse {
        let reason = self.finish_reason.map_or(FinishReason::Unspecified, finish_reason);
        let response =
            collected.finish(reason, self.usage).with_identity(self.id, self.model).with_cost(self.cost);
        if self.other_choices {
            return response.with_warning("the service sent several choices; only the first one was read");
        }
        response
    }

    fn read_choice(&mut self, choice: HuggingFaceChoice, deltas: &mut Vec<Delta>) {
        let (delta, message, text, reason) = choice.into_parts();
        let is_silent = delta.is_none() && message.is_none();
        self.has_spoken |= !is_silent || text.is_some();
        // An empty word means "not yet", as a missing one does.
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            self.finish_reason = Some(reason);
        }
        if let Some(delta) = delta {
            self.read_delta(delta, Extent::Pieces, deltas);
        }
        if let Some(message) = message {
            self.read_delta(message, Extent::Whole, deltas);
        }
        // together repeats the text beside the delta; others have it only there.
        deltas.extend(text.filter(|text| is_silent && !text.is_empty()).map(Delta::Text));
    }

    fn read_delta(&mut self, delta: HuggingFaceDelta, extent: Extent, deltas: &mut Vec<Delta>) {
        let said = delta.into_parts();
        let present = |text: &String| !text.is_empty();
        if let Some(reasoning) = said.reasoning.filter(present) {
            deltas.push(Delta::Reasoning(reasoning));
        }
        // TGI 2 streams the token that ended the answer, `</s>`, as if it were text.
        let leaked = extent == Extent::Pieces && self.finish_reason.as_deref() == Some("eos_token");
        let is_text = |text: &String| present(text) && !(leaked && is_special_token(text));
        // A refusal to answer is what the model had to say.
        for text in [said.text.filter(is_text), said.refusal.filter(present)].into_iter().flatten() {
            deltas.push(Delta::Text(text));
        }
        let calls = self.calls.read(&said.tool_calls, extent);
        deltas.extend(calls.into_iter().map(Delta::ToolCall));
    }
}

fn is_special_token(text: &str) -> bool {
    let known = ["</s>", "<eos>", "<end_of_turn>"].contains(&text);
    known || (text.starts_with("<|") && text.ends_with("|>"))
}

/// The words of the servers behind the router; an unknown one is kept.
fn finish_reason(word: String) -> FinishReason {
    match word.as_str() {
        "eos" | "eos_token" | "stop_sequence" => FinishReason::Stop,
        "function_call" => FinishReason::ToolCalls,
        _ => FinishReason::from(word),
    }
}
