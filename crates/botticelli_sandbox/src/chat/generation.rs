//! A finished answer, before any dialect spells it.

use serde_json::Value;

use super::tokens::tokens;
use crate::catalog::{ReasoningFormat, ServedModel};
use crate::fingerprint::Fingerprint;

/// What is said, why it ended, and what it took.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) served: ServedModel,
    /// At least one.
    pub(crate) choices: Vec<Choice>,
    pub(crate) prompt_tokens: u64,
    /// Whether the client asked for the usage of a stream.
    pub(crate) includes_usage: bool,
    /// How many alternatives to each token, if probabilities were asked for.
    pub(crate) logprobs: Option<u32>,
    /// Whether the answer says who served, as only the router does.
    pub(crate) names_provider: bool,
}

/// One of the answers to one question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// The thoughts before the answer, piece by piece.
    pub(crate) reasoning: Vec<String>,
    /// The text, piece by piece, as it is streamed.
    pub(crate) pieces: Vec<String>,
    /// The words of a refusal, which stand in a place of their own.
    pub(crate) refusal: Vec<String>,
    pub(crate) calls: Vec<FunctionCall>,
    pub(crate) finish_reason: FinishReason,
}

/// A tool that the model calls.
#[derive(Clone, Debug)]
pub(crate) struct FunctionCall {
    pub(crate) name: String,
    pub(crate) arguments: Value,
}

/// Why the answer ended. Every dialect has its own words for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FinishReason {
    #[default]
    EndOfText,
    StopSequence,
    Length,
    ToolCalls,
    ContentFilter,
}

/// What a stream says next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StreamItem<'a> {
    Reasoning(&'a str),
    Text(&'a str),
    Refusal(&'a str),
    /// The call and its place among the calls.
    FunctionCall(u32, &'a FunctionCall),
}

impl Generation {
    /// Choices with their index.
    pub(crate) fn indexed_choices(&self) -> impl Iterator<Item = (u32, &Choice)> {
        (0..).zip(&self.choices)
    }

    /// All bits of a stream: the first of every choice, then the second of every choice, and so on.
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

    /// What was really said is what is counted.
    pub(crate) fn completion_tokens(&self) -> u64 {
        self.choices.iter().map(Choice::tokens).sum()
    }

    /// Those that were only thought, by a model that thinks.
    pub(crate) fn reasoning_tokens(&self) -> Option<u64> {
        self.served.model.behavior.reasoning_format()?;
        let count = |choice: &Choice| match self.served.model.behavior.reasoning_format() {
            Some(ReasoningFormat::Tags) => choice.reasoning_tokens_in_tags(),
            _ => length(&choice.reasoning),
        };
        Some(self.choices.iter().map(count).sum())
    }

    /// The place where this answer's thoughts stand.
    pub(crate) fn reasoning_format(&self) -> Option<ReasoningFormat> {
        self.served.model.behavior.reasoning_format()
    }
}

impl Choice {
    /// A text that nothing is special about.
    pub(crate) fn text(text: &str, limit: Option<u32>, stops: &[String]) -> Self {
        let (pieces, finish_reason) = cut(pieces_of(text), limit, stops);
        Self { pieces, finish_reason, ..Self::default() }
    }

    /// The text as a whole; none beside calls and refusals.
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

    fn tokens(&self) -> u64 {
        let called: u64 = self.calls.iter().map(|call| 1 + length(&call.pieces())).sum();
        length(&self.reasoning) + length(&self.pieces) + length(&self.refusal) + called
    }

    /// The pieces up to the end of the thoughts that stand in the text.
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
    /// The arguments as the text that most servers send.
    pub(crate) fn text(&self) -> String {
        self.arguments.to_string()
    }

    /// The same, piece by piece.
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
/// A stop sequence that the limit leaves unfinished was never generated, hence does not count.
pub(crate) fn cut(pieces: Vec<String>, limit: Option<u32>, stops: &[String]) -> (Vec<String>, FinishReason) {
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let is_cut = pieces.len() > limit;
    let generated: Vec<String> = pieces.into_iter().take(limit).collect();
    let text = generated.concat();
    let stop = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop.as_str())).min();
    let Some(mut left) = stop else {
        return (generated, if is_cut { FinishReason::Length } else { FinishReason::EndOfText });
    };
    let mut kept = Vec::new();
    for piece in generated {
        if left == 0 {
            break;
        }
        // The stop sequence begins between two characters.
        let piece_before_stop = piece.get(..left.min(piece.len())).unwrap_or(&piece).to_owned();
        left = left.saturating_sub(piece.len());
        kept.push(piece_before_stop);
    }
    (kept, FinishReason::StopSequence)
}
