//! The text of one choice.

use super::reasoning::ReasoningSplitter;
use super::stop_texts::StopTexts;
use super::tool_calls::{ToolCalls, ToolSplitter};
use crate::tokenizer::TextDecoder;
use botticelli_core::Delta;

/// The place of tags around reasoning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReasoningTags {
    /// The model writes no reasoning.
    None,
    /// The model may write the open tag first.
    Possible,
    /// The prompt ends with the open tag.
    Opened,
}

/// The text of one choice: bytes become characters, stop texts end it, and reasoning and tool calls are separated.
#[derive(Clone, Debug)]
pub(crate) struct TextOutput {
    decoder: TextDecoder,
    stop: StopTexts,
    reasoning: ReasoningSplitter,
    tools: Option<ToolSplitter>,
    reasoning_tokens: u64,
}

impl TextOutput {
    pub(crate) fn new(stop: Vec<String>, tags: ReasoningTags, tools: Option<ToolCalls>) -> Self {
        let reasoning = match tags {
            ReasoningTags::None => ReasoningSplitter::text(),
            ReasoningTags::Possible => ReasoningSplitter::new(),
            ReasoningTags::Opened => ReasoningSplitter::opened(),
        };
        let stop = StopTexts::new(stop);
        let tools = tools.map(ToolSplitter::new);
        Self { decoder: TextDecoder::default(), stop, reasoning, tools, reasoning_tokens: 0 }
    }

    /// Appends the bytes of a token. Returns new content, and whether a stop text ends the response.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> (Vec<Delta>, bool) {
        let text = self.decoder.push(bytes);
        let (text, is_stopped) = self.stop.push(&text);
        let deltas = if text.is_empty() { Vec::new() } else { self.reasoning.push(&text) };
        self.reasoning_tokens += u64::from(self.reasoning.is_reasoning());
        (self.split(deltas), is_stopped)
    }

    /// Separates tool calls from text.
    fn split(&mut self, deltas: Vec<Delta>) -> Vec<Delta> {
        let Some(tools) = &mut self.tools else { return deltas };
        let split = deltas.into_iter().flat_map(|delta| match delta {
            Delta::Text(text) => tools.push(&text),
            other => vec![other],
        });
        split.collect()
    }

    /// Returns the rest of the content. After a stop text, nothing but the content before it follows.
    pub(crate) fn finish(&mut self, is_stopped: bool) -> Vec<Delta> {
        let mut rest = String::new();
        if !is_stopped {
            let text = self.decoder.finish();
            let (text, found) = self.stop.push(&text);
            rest.push_str(&text);
            if !found {
                rest.push_str(&self.stop.finish());
            }
        }
        let mut deltas = if rest.is_empty() { Vec::new() } else { self.reasoning.push(&rest) };
        deltas.extend(self.reasoning.finish());
        let mut deltas = self.split(deltas);
        deltas.extend(self.tools.iter_mut().flat_map(ToolSplitter::finish));
        deltas
    }

    /// Returns whether the next token belongs to the reasoning.
    pub(crate) const fn is_reasoning(&self) -> bool {
        self.reasoning.is_reasoning()
    }

    /// Returns the number of tokens of the reasoning.
    pub(crate) const fn reasoning_tokens(&self) -> u64 {
        self.reasoning_tokens
    }
}
