//! Dialect of text-generation-inference 3.

use serde::Serialize;

use super::event::{DONE, event};
use super::logprobs::{self, Logprobs};
use super::reasoning::Reasoning;
use super::tool_calls::{Arguments, Nullable, ToolCall};
use super::usage::Usage;
use crate::chat::{Choice, FinishReason, FunctionCall, Generation, StreamItem};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "3.0.1-sha-sandbox";

/// Id of every tool call.
const ID: &str = "0";

#[derive(Serialize)]
struct Response<'a, C> {
    object: &'a str,
    id: &'a str,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    choices: &'a [C],
    /// Null except in the final chunk, and there if not requested.
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
    let choices: Vec<ResponseChoice> = generation
        .indexed_choices()
        .map(|(index, choice)| ResponseChoice {
            index,
            message: message(generation, choice),
            logprobs: logprobs::for_choice(generation, choice, false),
            finish_reason: finish_reason(choice.finish_reason),
        })
        .collect();
    let usage = Some(Usage::of(generation));
    Script::json(200, encode(&response(generation, "chat.completion", &choices, usage)))
}

fn message(generation: &Generation, choice: &Choice) -> Message {
    let reasoning = Some(choice.reasoning.concat()).filter(|text| !text.is_empty());
    Message {
        role: "assistant",
        content: choice.content(),
        reasoning: Reasoning::or_omitted(generation.reasoning_format(), reasoning),
        tool_calls: choice.calls.iter().map(|call| tool_call(call).with_null_description()).collect(),
    }
}

pub(crate) fn stream(generation: &Generation) -> Script {
    let chunk = |choices: &[ChunkChoice], usage: Option<Usage>| {
        event(&response(generation, "chat.completion.chunk", choices, usage))
    };
    let delta = |index, delta, logprobs, finish_reason| {
        chunk(&[ChunkChoice { index, delta, logprobs, finish_reason }], None)
    };
    let mut script = Script::stream(200, "text/event-stream");
    for (index, _, item) in generation.stream_items() {
        script = match item {
            StreamItem::Text(text) | StreamItem::Refusal(text) => {
                let logprobs = logprobs::for_piece(generation, text, false);
                script.piece(delta(index, text_message(text.to_owned()), logprobs, None))
            }
            StreamItem::Reasoning(text) => {
                let reasoning = Reasoning::or_null(generation.reasoning_format(), Some(text.to_owned()));
                script.piece(delta(
                    index,
                    Message { content: None, reasoning, ..text_message(String::new()) },
                    None,
                    None,
                ))
            }
            StreamItem::FunctionCall(place, call) => {
                script.pieces(fragments(place, call).into_iter().map(|fragment| {
                    let message =
                        Message { content: None, tool_calls: vec![fragment], ..text_message(String::new()) };
                    delta(index, message, None, None)
                }))
            }
        };
    }
    for (index, choice) in generation.indexed_choices() {
        script = script.piece(delta(
            index,
            text_message(String::new()),
            None,
            Some(finish_reason(choice.finish_reason)),
        ));
    }
    if generation.includes_usage {
        script = script.piece(chunk(&[], Some(Usage::of(generation))));
    }
    script.piece(DONE)
}

fn tool_call(call: &FunctionCall) -> ToolCall {
    ToolCall::complete(ID.to_owned(), call)
}

/// Returns the fragments of a call. Id and name are in the first two and null in the rest.
fn fragments(place: u32, call: &FunctionCall) -> Vec<ToolCall> {
    let first = ToolCall::first_fragment(place, ID.to_owned(), call);
    let pieces = call.pieces().into_iter().enumerate().map(|(at, piece)| {
        let mut fragment = ToolCall::first_fragment(place, ID.to_owned(), call);
        fragment.function.arguments = Arguments::Text(piece);
        if at > 0 {
            fragment.id = Some(Nullable::Null);
            fragment.function.name = Some(Nullable::Null);
        }
        fragment
    });
    std::iter::once(first).chain(pieces).collect()
}

fn response<'a, C>(
    generation: &'a Generation,
    object: &'a str,
    choices: &'a [C],
    usage: Option<Usage>,
) -> Response<'a, C> {
    Response {
        object,
        id: "",
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
        // The server has no finish reason for tool calls.
        FinishReason::EndOfText
        | FinishReason::StopSequence
        | FinishReason::ToolCalls
        | FinishReason::ContentFilter => "stop",
        FinishReason::Length => "length",
    }
}
