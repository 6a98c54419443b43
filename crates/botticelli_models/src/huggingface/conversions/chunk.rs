//! An event of a streamed answer, read.

use super::usage;
use crate::huggingface::dto::{HuggingFaceChoice, HuggingFaceChunk, HuggingFaceDelta, HuggingFaceToolCall};
use botticelli_core::{ChunkCollector, Cost, Delta, FinishReason, GenerateResponse, ToolCallDelta, Usage};

/// Reads the events of one answer, and remembers what the next event does not repeat.
#[derive(Debug, Default)]
pub(in crate::huggingface) struct ChunkReader {
    id: Option<String>,
    model: Option<String>,
    finish_reason: Option<String>,
    usage: Option<Usage>,
    cost: Cost,
    calls: Vec<OpenCall>,
    other_choices: bool,
}

/// Whether a choice says all, or something more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Whole,
    Piece,
}

/// A tool call whose pieces are arriving.
#[derive(Debug)]
struct OpenCall {
    wire_index: Option<u64>,
    id: Option<String>,
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
        for (position, choice) in (0..).zip(chunk.into_choices()) {
            if choice.index().unwrap_or(position) == 0 {
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
        let (delta, message, reason) = choice.into_parts();
        // An empty word means "not yet", as a missing one does.
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            self.finish_reason = Some(reason);
        }
        if let Some(delta) = delta {
            self.read_delta(delta, Extent::Piece, deltas);
        }
        if let Some(message) = message {
            self.read_delta(message, Extent::Whole, deltas);
        }
    }

    fn read_delta(&mut self, delta: HuggingFaceDelta, extent: Extent, deltas: &mut Vec<Delta>) {
        let said = delta.into_parts();
        let present = |text: &String| !text.is_empty();
        if let Some(reasoning) = said.reasoning.filter(present) {
            deltas.push(Delta::Reasoning(reasoning));
        }
        // TGI 2 streams the token that ended the answer, `</s>`, as if it were text.
        let leaked = extent == Extent::Piece && self.finish_reason.as_deref() == Some("eos_token");
        let is_text = |text: &String| present(text) && !(leaked && is_special_token(text));
        if let Some(text) = said.text.filter(is_text) {
            deltas.push(Delta::Text(text));
        }
        for (position, call) in said.tool_calls.iter().enumerate() {
            // A list has one entry a call: only across deltas do pieces without a number belong together.
            let is_new = extent == Extent::Whole || (position > 0 && call.index().is_none());
            deltas.extend(self.read_call(call, is_new).map(Delta::ToolCall));
        }
    }

    /// Finds the call that a piece belongs to. Servers number calls, name them by id, do both, or neither.
    fn read_call(&mut self, piece: &HuggingFaceToolCall, is_new: bool) -> Option<ToolCallDelta> {
        let id = piece.id().as_deref().filter(|id| !id.is_empty());
        let known = match (piece.index(), id) {
            _ if is_new => None,
            (Some(index), _) => self.calls.iter().rposition(|call| call.wire_index == Some(index)),
            (None, Some(id)) => self.calls.iter().rposition(|call| call.id.as_deref() == Some(id)),
            (None, None) => self.calls.len().checked_sub(1),
        };
        // Another id under a number that is taken is another call.
        let known = known.filter(|position| {
            let open = self.calls.get(*position).and_then(|call| call.id.as_deref());
            id.is_none() || open.is_none() || open == id
        });
        let function = piece.function().as_ref();
        let name = function.and_then(|function| function.name().as_deref()).filter(|name| !name.is_empty());
        let arguments = function.and_then(|function| function.arguments().as_deref()).unwrap_or_default();
        let index = match known {
            Some(position) => position,
            // Neither an id nor a name: a piece of nothing.
            None if id.is_none() && name.is_none() && arguments.is_empty() => return None,
            None => {
                self.calls.push(OpenCall { wire_index: piece.index(), id: None });
                self.calls.len().saturating_sub(1)
            }
        };
        if let Some(call) = self.calls.get_mut(index) {
            call.id = call.id.take().or(id.map(str::to_owned));
        }
        Some(ToolCallDelta::new(index, id.map(str::to_owned), name.map(str::to_owned), arguments))
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
