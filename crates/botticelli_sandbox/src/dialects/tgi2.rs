//! Dialect of text-generation-inference 2.

use serde::Serialize;

use super::logprobs::{self, Logprobs};
use super::reasoning::Reasoning;
use super::tool_calls::{Arguments, ToolCall};
use super::usage::Usage;
use crate::chat::{FinishReason, FunctionCall, Generation, StreamItem};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "2.0.1-sha-sandbox";

/// The server labels chat responses as text completions.
const OBJECT: &str = "text_completion";

#[derive(Serialize)]
struct Response<'a, C> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    choices: Vec<C>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct ResponseChoice {
    index: u32,
    message: Message,
    logprobs: Option<Logprobs>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct ChunkChoice {
    index: u32,
    delta: Message,
    logprobs: Option<Logprobs>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    /// Omitted, not null, with tool calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(flatten)]
    reasoning: Reasoning,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
}

pub(crate) fn plain(generation: &Generation) -> Script {
    let choices = generation.indexed_choices().map(|(index, choice)| {
        let reasoning = Some(choice.reasoning.concat()).filter(|text| !text.is_empty());
        let message = Message {
            role: "assistant",
            content: choice.content(),
            reasoning: Reasoning::or_omitted(generation.reasoning_format(), reasoning),
            tool_calls: choice.calls.iter().map(tool_call).collect(),
        };
        let logprobs = logprobs::for_choice(generation, choice, false);
        ResponseChoice { index, message, logprobs, finish_reason: finish_reason(choice.finish_reason) }
    });
    let usage = Some(Usage::of(generation));
    Script::json(200, encode(&response(generation, choices.collect(), usage)))
}

pub(crate) fn stream(generation: &Generation) -> Script {
    let mut chunks: Vec<ChunkChoice> = generation
        .stream_items()
        .into_iter()
        .map(|(index, _, item)| {
            let logprobs = match item {
                StreamItem::Text(text) => logprobs::for_piece(generation, text, false),
                _ => None,
            };
            ChunkChoice { index, delta: delta(generation, item), logprobs, finish_reason: None }
        })
        .collect();
    for (index, choice) in generation.indexed_choices() {
        let reason = Some(finish_reason(choice.finish_reason));
        match (choice.finish_reason, chunks.last_mut()) {
            // The last token carries the finish reason.
            (FinishReason::StopSequence | FinishReason::Length, Some(last)) => last.finish_reason = reason,
            (FinishReason::StopSequence | FinishReason::Length, None) => {
                chunks.push(final_chunk(index, "", reason));
            }
            // The end token leaks into the text.
            _ => chunks.push(final_chunk(index, "</s>", reason)),
        }
    }
    // No space after the colon.
    let event = |chunk| format!("data:{}\n\n", encode(&response(generation, vec![chunk], None)));
    Script::stream(200, "text/event-stream").pieces(chunks.into_iter().map(event))
}

fn final_chunk(index: u32, content: &str, finish_reason: Option<&'static str>) -> ChunkChoice {
    ChunkChoice { index, delta: text_message(content.to_owned()), logprobs: None, finish_reason }
}

fn delta(generation: &Generation, item: StreamItem<'_>) -> Message {
    let empty = Message { content: None, ..text_message(String::new()) };
    match item {
        StreamItem::Text(text) | StreamItem::Refusal(text) => text_message(text.to_owned()),
        StreamItem::Reasoning(text) => Message {
            reasoning: Reasoning::or_null(generation.reasoning_format(), Some(text.to_owned())),
            ..empty
        },
        StreamItem::FunctionCall(place, call) => {
            Message { tool_calls: vec![tool_call(call).with_index(place)], ..empty }
        }
    }
}

/// Returns a call with a constant id and its arguments as an object.
fn tool_call(call: &FunctionCall) -> ToolCall {
    let mut tool_call = ToolCall::complete("0".to_owned(), call).with_null_description();
    tool_call.function.arguments = Arguments::Object(call.arguments.clone());
    tool_call
}

fn response<C>(generation: &Generation, choices: Vec<C>, usage: Option<Usage>) -> Response<'_, C> {
    Response {
        id: "",
        object: OBJECT,
        created: generation.fingerprint.created(),
        model: generation.served.model.id,
        system_fingerprint: FINGERPRINT,
        choices,
        usage,
    }
}

fn text_message(content: String) -> Message {
    Message {
        role: "assistant",
        content: Some(content),
        reasoning: Reasoning::default(),
        tool_calls: Vec::new(),
    }
}

fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::EndOfText | FinishReason::ToolCalls | FinishReason::ContentFilter => "eos_token",
        FinishReason::StopSequence => "stop_sequence",
        FinishReason::Length => "length",
    }
}
