//! Pieces to the whole.

use crate::{Delta, FinishReason, GenerateResponse, Output, ToolCall, ToolCallDelta, Usage};
use botticelli_error::{PartialAnswer, PartialToolCall};
use std::collections::HashSet;

/// Folds the pieces of an answer into the whole.
///
/// Streamed and plain answers are put together by this one type, so that they cannot differ.
///
/// ```
/// use botticelli_core::{ChunkCollector, Delta, FinishReason};
///
/// let mut collector = ChunkCollector::default();
/// collector.push(&Delta::Text("Hello, ".into()));
/// collector.push(&Delta::Text("world".into()));
/// assert_eq!(collector.partial().text(), "Hello, world");
///
/// let answer = collector.finish(FinishReason::Stop, None);
/// assert_eq!(answer.text(), "Hello, world");
/// ```
#[derive(Clone, Debug, Default)]
pub struct ChunkCollector {
    reasoning: String,
    text: String,
    calls: Vec<ToolCallDelta>,
}

impl ChunkCollector {
    /// Adds a piece.
    pub fn push(&mut self, delta: &Delta) {
        match delta {
            Delta::Text(text) => self.text.push_str(text),
            Delta::Reasoning(text) => self.reasoning.push_str(text),
            Delta::ToolCall(call) => self.push_call(call),
            Delta::None => {}
        }
    }

    fn push_call(&mut self, new: &ToolCallDelta) {
        // Numbers have no gaps: a call is found where its number says.
        match self.calls.get_mut(new.index()) {
            Some(call) if call.index() == new.index() => call.extend(new),
            _ => self.calls.push(new.clone()),
        }
    }

    /// Whether nothing has arrived yet.
    pub fn is_empty(&self) -> bool {
        self.reasoning.is_empty() && self.text.is_empty() && self.calls.is_empty()
    }

    /// What has arrived so far, of an answer that was interrupted.
    pub fn partial(&self) -> PartialAnswer {
        let calls = self.calls.iter().map(|call| {
            let name = call.name().unwrap_or_default();
            PartialToolCall::new(call.id().map(str::to_owned), name, call.arguments())
        });
        PartialAnswer::new(&self.text, &self.reasoning, calls.collect())
    }

    /// The whole answer, which is complete for `reason`.
    ///
    /// Calls decide, not the reason: servers say `stop` beside them. A call without an id, or with the id of an
    /// earlier one, gets an id of its own, so that its result can name it.
    pub fn finish(self, reason: FinishReason, usage: Option<Usage>) -> GenerateResponse {
        let reason = match reason {
            FinishReason::Stop | FinishReason::Unspecified if !self.calls.is_empty() => {
                FinishReason::ToolCalls
            }
            reason => reason,
        };
        let mut outputs = Vec::with_capacity(self.calls.len() + 2);
        if !self.reasoning.is_empty() {
            outputs.push(Output::Reasoning(self.reasoning));
        }
        if !self.text.is_empty() {
            outputs.push(Output::Text(self.text));
        }
        let given: HashSet<String> =
            self.calls.iter().filter_map(|call| call.id().map(str::to_owned)).collect();
        let mut used = HashSet::with_capacity(self.calls.len());
        for call in self.calls {
            let id = match call.id() {
                Some(id) if !used.contains(id) => id.to_owned(),
                _ => made_up(call.index(), &given),
            };
            used.insert(id.clone());
            let name = call.name().unwrap_or_default();
            outputs.push(Output::ToolCall(ToolCall::new(id, name, call.arguments())));
        }
        GenerateResponse::complete(outputs, reason, usage.filter(|usage| !usage.is_empty()))
    }
}

/// An id of our own, which no call was given by the server.
fn made_up(index: usize, given: &HashSet<String>) -> String {
    let mut id = format!("call_{index}");
    while given.contains(&id) {
        id.push('_');
    }
    id
}
