//! Generated responses before a dialect renders them.

use serde_json::Value;

use super::tokens::tokens;
use crate::catalog::{ReasoningFormat, ServedModel};
use crate::charge::Charge;
use crate::fingerprint::Fingerprint;

/// A generated response to one request.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) served: ServedModel,
    /// Never empty.
    pub(crate) choices: Vec<Choice>,
    pub(crate) prompt_tokens: u64,
    /// True if the client requested usage in a stream.
    pub(crate) includes_usage: bool,
    /// Number of alternatives per token, if log probabilities were requested.
    pub(crate) logprobs: Option<u32>,
    /// True if the response names the provider, as the router does.
    pub(crate) names_provider: bool,
}

/// One choice of a response.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// Pieces of the reasoning.
    pub(crate) reasoning: Vec<String>,
    /// Pieces of the text, as streamed.
    pub(crate) pieces: Vec<String>,
    /// Pieces of the refusal, which has its own field.
    pub(crate) refusal: Vec<String>,
    pub(crate) calls: Vec<FunctionCall>,
    pub(crate) finish_reason: FinishReason,
}

/// A tool call of the model.
#[derive(Clone, Debug)]
pub(crate) struct FunctionCall {
    pub(crate) name: String,
    pub(crate) arguments: Value,
}

/// Reason why the text ended. Each dialect maps it to its own value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FinishReason {
    #[default]
    EndOfText,
    StopSequence,
    Length,
    ToolCalls,
    ContentFilter,
}

/// One item of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StreamItem<'a> {
    Reasoning(&'a str),
    Text(&'a str),
    Refusal(&'a str),
    /// A call and its index among the calls.
    FunctionCall(u32, &'a FunctionCall),
}

impl Generation {
    /// Returns the choices with their index.
    pub(crate) fn indexed_choices(&self) -> impl Iterator<Item = (u32, &Choice)> {
        (0..).zip(&self.choices)
    }

    /// Returns all items of a stream, interleaved: the first of every choice, then the second of
    /// every choice, and so on.
    pub(crate) fn stream_items(&self) -> Vec<(u32, &Choice, StreamItem<'_>)> {
        let all: Vec<(u32, &Choice, Vec<StreamItem<'_>>)> =
            self.indexed_choices().map(|(index, choice)| (index, choice, choice.stream_items())).collect();
        let longest = all.iter().map(|(_, _, stream_items)| stream_items.len()).max().unwrap_or(0);
        let nth = |at: usize| {
            all.iter().filter_map(move |(index, choice, stream_items)| {
                Some((*index, *choice, *stream_items.get(at)?))
            })
        };
        (0..longest).flat_map(nth).collect()
    }

    /// Returns the number of tokens that were sent.
    pub(crate) fn completion_tokens(&self) -> u64 {
        self.choices.iter().map(Choice::tokens).sum()
    }

    /// Returns the cost of the response.
    pub(crate) fn charge(&self) -> Charge {
        Charge {
            served: self.served,
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens(),
        }
    }

    /// Returns the number of reasoning tokens, or `None` for a model without reasoning.
    pub(crate) fn reasoning_tokens(&self) -> Option<u64> {
        self.served.model.behavior.reasoning_format()?;
        let count = |choice: &Choice| match self.served.model.behavior.reasoning_format() {
            Some(ReasoningFormat::Tags) => choice.reasoning_tokens_in_tags(),
            _ => length(&choice.reasoning),
        };
        Some(self.choices.iter().map(count).sum())
    }

    /// Returns the place of the reasoning in the response.
    pub(crate) fn reasoning_format(&self) -> Option<ReasoningFormat> {
        self.served.model.behavior.reasoning_format()
    }
}

impl Choice {
    /// Returns a choice with only text, cut at the limit and the stop sequences.
    pub(crate) fn text(text: &str, limit: Option<u32>, stops: &[String]) -> Self {
        let (pieces, finish_reason) = cut(pieces_of(text), limit, stops);
        Self { pieces, finish_reason, ..Self::default() }
    }

    /// Returns the whole text, or `None` for tool calls and refusals.
    pub(crate) fn content(&self) -> Option<String> {
        (self.calls.is_empty() && self.refusal.is_empty()).then(|| self.pieces.concat())
    }

    fn stream_items(&self) -> Vec<StreamItem<'_>> {
        let reasoning = self.reasoning.iter().map(|piece| StreamItem::Reasoning(piece));
        let texts = self.pieces.iter().map(|piece| StreamItem::Text(piece));
        let refusal = self.refusal.iter().map(|piece| StreamItem::Refusal(piece));
        let calls = (0..).zip(&self.calls).map(|(place, call)| StreamItem::FunctionCall(place, call));
        reasoning.chain(texts).chain(refusal).chain(calls).collect()
    }

    /// Returns the number of generated tokens.
    pub(crate) fn tokens(&self) -> u64 {
        let called: u64 = self.calls.iter().map(|call| 1 + length(&call.pieces())).sum();
        length(&self.reasoning) + length(&self.pieces) + length(&self.refusal) + called
    }

    /// Returns the number of pieces up to the closing tag of the reasoning.
    fn reasoning_tokens_in_tags(&self) -> u64 {
        let mut text = String::new();
        let mut count = 0;
        for piece in &self.pieces {
            if text.contains("</think>") || !"<think>".starts_with(text.get(..7).unwrap_or(&text)) {
                break;
            }
            text.push_str(piece);
            count += 1;
        }
        if text.starts_with("<think>") { count } else { 0 }
    }
}

impl FunctionCall {
    /// Returns the arguments as JSON text, which most servers send.
    pub(crate) fn text(&self) -> String {
        self.arguments.to_string()
    }

    /// Returns the JSON text in pieces.
    pub(crate) fn pieces(&self) -> Vec<String> {
        pieces_of(&self.text())
    }
}

fn length<T>(pieces: &[T]) -> u64 {
    u64::try_from(pieces.len()).unwrap_or(u64::MAX)
}

pub(crate) fn pieces_of(text: &str) -> Vec<String> {
    tokens(text).map(str::to_owned).collect()
}

/// Cuts a text at the limit and before the first stop sequence.
///
/// A stop sequence that extends beyond the limit was never generated, so it does not count.
pub(crate) fn cut(pieces: Vec<String>, limit: Option<u32>, stops: &[String]) -> (Vec<String>, FinishReason) {
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let is_cut = pieces.len() > limit;
    let generated: Vec<String> = pieces.into_iter().take(limit).collect();
    let text = generated.concat();
    let stop = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop.as_str())).min();
    let Some(mut left) = stop else {
        return (generated, if is_cut { FinishReason::Length } else { FinishReason::EndOfText });
    };
    let mut before_stop = Vec::new();
    for piece in generated {
        if left == 0 {
            break;
        }
        // The stop sequence starts at a character boundary.
        let piece_before_stop = piece.get(..left.min(piece.len())).unwrap_or(&piece).to_owned();
        left = left.saturating_sub(piece.len());
        before_stop.push(piece_before_stop);
    }
    (before_stop, FinishReason::StopSequence)
}
