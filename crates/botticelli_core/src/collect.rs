//! From chunks to the whole response.

use crate::{
    Choice, Delta, FinishReason, GenerateResponse, Logprobs, Output, StreamChunk, ToolCall, ToolCallDelta,
    Usage,
};
use botticelli_error::{PartialResponse, PartialToolCall};
use std::collections::{BTreeMap, HashSet};

/// Collects the chunks of a response.
///
/// Streamed and plain responses are assembled by this one type, so that they cannot differ.
///
/// ```
/// use botticelli::{ChunkCollector, Delta, FinishReason};
///
/// let mut collector = ChunkCollector::default();
/// collector.push(&Delta::Text("Hello, ".into()));
/// collector.push(&Delta::Text("world".into()));
/// assert_eq!(collector.partial().text(), "Hello, world");
///
/// let response = collector.finish(FinishReason::Stop, None);
/// assert_eq!(response.text(), "Hello, world");
/// ```
#[derive(Clone, Debug, Default)]
pub struct ChunkCollector {
    first: Collected,
    others: BTreeMap<u32, Collected>,
}

/// The part of a choice that has arrived.
#[derive(Clone, Debug, Default)]
struct Collected {
    reasoning: String,
    text: String,
    refusal: String,
    calls: Vec<ToolCallDelta>,
    logprobs: Logprobs,
    finish_reason: Option<FinishReason>,
}

impl ChunkCollector {
    /// Appends a delta to the first choice.
    pub fn push(&mut self, delta: &Delta) {
        self.first.push(delta);
    }

    /// Appends a chunk of a stream to its choice.
    pub fn push_chunk(&mut self, chunk: &StreamChunk) {
        self.push_to(chunk.choice(), chunk.delta());
    }

    /// Appends a delta to the choice with this index. 0 is the first.
    #[inline]
    pub fn push_to(&mut self, choice: u32, delta: &Delta) {
        self.choice(choice).push(delta);
    }

    /// Appends an owned delta. The first text of a choice is moved, not copied, as in a plain response.
    pub fn take_to(&mut self, choice: u32, delta: Delta) {
        self.choice(choice).take(delta);
    }

    /// Appends log probabilities to the choice with this index.
    pub fn push_logprobs(&mut self, choice: u32, logprobs: Logprobs) {
        self.choice(choice).logprobs.extend(logprobs);
    }

    /// Sets the finish reason of the choice with this index. The first choice takes the reason of [`finish`](Self::finish) instead.
    pub fn end(&mut self, choice: u32, reason: FinishReason) {
        self.choice(choice).finish_reason = Some(reason);
    }

    fn choice(&mut self, choice: u32) -> &mut Collected {
        if choice == 0 { &mut self.first } else { self.others.entry(choice).or_default() }
    }

    /// Returns whether all choices are empty so far.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.others.values().all(Collected::is_empty)
    }

    /// Returns the content so far, for an interrupted response.
    pub fn partial(&self) -> PartialResponse {
        let others = self.others.values().map(Collected::partial).collect();
        self.first.partial().with_alternatives(others)
    }

    /// Returns the whole response, which ended for `reason`.
    ///
    /// Tool calls override the reason `stop`, which some servers send with them. A call without an id, or with the id of an
    /// earlier call, gets a new id, so that its result can refer to it.
    pub fn finish(self, reason: FinishReason, usage: Option<Usage>) -> GenerateResponse {
        let first = self.first.finish(0, reason);
        let mut others = Vec::new();
        for (index, mut choice) in self.others {
            let reason = choice.finish_reason.take().unwrap_or(FinishReason::Unspecified);
            others.push(choice.finish(index, reason));
        }
        GenerateResponse::complete(first, others, usage.filter(|usage| !usage.is_empty()))
    }
}

impl Collected {
    fn push(&mut self, delta: &Delta) {
        match delta {
            Delta::Text(text) => self.text.push_str(text),
            Delta::Reasoning(text) => self.reasoning.push_str(text),
            Delta::Refusal(text) => self.refusal.push_str(text),
            Delta::ToolCall(call) => self.push_call(call),
            Delta::None => {}
        }
    }

    fn take(&mut self, delta: Delta) {
        match delta {
            Delta::Text(text) if self.text.is_empty() => self.text = text,
            Delta::Reasoning(text) if self.reasoning.is_empty() => self.reasoning = text,
            delta => self.push(&delta),
        }
    }

    fn push_call(&mut self, new: &ToolCallDelta) {
        // Indices have no gaps, so a call is at its index.
        match self.calls.get_mut(new.index()) {
            Some(call) if call.index() == new.index() => call.extend(new),
            _ => self.calls.push(new.clone()),
        }
    }

    fn is_empty(&self) -> bool {
        let texts = [&self.reasoning, &self.text, &self.refusal];
        texts.iter().all(|text| text.is_empty()) && self.calls.is_empty()
    }

    fn partial(&self) -> PartialResponse {
        let calls = self.calls.iter().map(|call| {
            let name = call.name().unwrap_or_default();
            PartialToolCall::new(call.id().map(str::to_owned), name, call.arguments())
        });
        let text = [self.text.as_str(), &self.refusal].concat();
        PartialResponse::new(text, &self.reasoning, calls.collect())
    }

    fn finish(self, index: u32, reason: FinishReason) -> Choice {
        let finish_reason = match reason {
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
        if !self.refusal.is_empty() {
            outputs.push(Output::Refusal(self.refusal));
        }
        outputs.extend(whole_calls(self.calls).into_iter().map(Output::ToolCall));
        let logprobs = Some(self.logprobs).filter(|logprobs| !logprobs.is_empty());
        Choice { index, outputs, finish_reason, logprobs }
    }
}

fn whole_calls(calls: Vec<ToolCallDelta>) -> Vec<ToolCall> {
    if calls.is_empty() {
        return Vec::new();
    }
    let server_ids: HashSet<String> = calls.iter().filter_map(|call| call.id().map(str::to_owned)).collect();
    let mut used = HashSet::with_capacity(calls.len());
    let whole = calls.into_iter().map(|call| {
        let id = match call.id() {
            Some(id) if !used.contains(id) => id.to_owned(),
            _ => made_up(call.index(), &server_ids, &used),
        };
        used.insert(id.clone());
        let name = call.name().unwrap_or_default();
        ToolCall::new(id, name, call.arguments()).with_extra_content(call.extra_content().cloned())
    });
    whole.collect()
}

/// Returns an id that the server gave to no call. Mistral's tokenizer requires nine letters and digits, and other servers accept
/// them.
fn made_up(index: usize, server_ids: &HashSet<String>, used: &HashSet<String>) -> String {
    let mut number = index;
    loop {
        let id = format!("call{:05}", number % 100_000);
        if number.saturating_sub(index) >= 100_000 || !(server_ids.contains(&id) || used.contains(&id)) {
            return id;
        }
        number = number.saturating_add(1);
    }
}
