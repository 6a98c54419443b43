//! Dialect of the router, in the `OpenAI` format.

use serde::Serialize;

use super::event::{DONE, event};
use super::logprobs::{self, Logprobs};
use super::reasoning::Reasoning;
use super::tool_calls::{Nullable, ToolCall, unique_id};
use super::usage::Usage;
use crate::chat::{Choice, FinishReason, Generation, StreamItem};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "fp_sandbox";

#[derive(Serialize)]
struct Response<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: Vec<ResponseChoice>,
    usage: Usage,
    system_fingerprint: &'a str,
}

#[derive(Serialize)]
struct ResponseChoice {
    index: u32,
    message: Message,
    logprobs: Option<Logprobs>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(flatten)]
    reasoning: Reasoning,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    choices: &'a [ChunkChoice],
    #[serde(skip_serializing_if = "StreamUsage::is_omitted")]
    usage: StreamUsage,
}

/// Usage field of a chunk: omitted unless requested, then null in all chunks but the last.
#[derive(Serialize)]
#[serde(untagged)]
enum StreamUsage {
    Omitted,
    Null,
    Value(Usage),
}

impl StreamUsage {
    fn is_omitted(&self) -> bool {
        matches!(self, Self::Omitted)
    }
}

#[derive(Serialize)]
struct ChunkChoice {
    index: u32,
    delta: Delta,
    logprobs: Option<Logprobs>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Nullable<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(flatten)]
    reasoning: Reasoning,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
}

pub(crate) fn plain(generation: &Generation) -> Script {
    let choices = generation.indexed_choices().map(|(index, choice)| ResponseChoice {
        index,
        message: message(generation, index, choice),
        logprobs: logprobs::for_choice(generation, choice, true),
        finish_reason: finish_reason(choice.finish_reason),
    });
    let response = Response {
        id: &id(generation),
        object: "chat.completion",
        created: generation.fingerprint.created(),
        model: generation.served.provider.model_id,
        choices: choices.collect(),
        usage: Usage::of(generation),
        system_fingerprint: FINGERPRINT,
    };
    with_provider_header(Script::json(200, encode(&response)), generation)
}

fn message(generation: &Generation, index: u32, choice: &Choice) -> Message {
    let reasoning = Some(choice.reasoning.concat()).filter(|text| !text.is_empty());
    let calls = (0..).zip(&choice.calls);
    Message {
        role: "assistant",
        content: choice.content(),
        refusal: Some(choice.refusal.concat()).filter(|text| !text.is_empty()),
        reasoning: Reasoning::or_null(generation.reasoning_format(), reasoning),
        tool_calls: calls
            .map(|(place, call)| ToolCall::complete(unique_id(generation, index, place), call))
            .collect(),
    }
}

pub(crate) fn stream(generation: &Generation) -> Script {
    let id = id(generation);
    let chunk = |choices: &[ChunkChoice], usage: StreamUsage| {
        event(&Chunk {
            id: &id,
            object: "chat.completion.chunk",
            created: generation.fingerprint.created(),
            model: generation.served.provider.model_id,
            system_fingerprint: FINGERPRINT,
            choices,
            usage,
        })
    };
    let delta = |index, delta, logprobs, finish_reason| {
        let choice = ChunkChoice { index, delta, logprobs, finish_reason };
        let usage = if generation.includes_usage { StreamUsage::Null } else { StreamUsage::Omitted };
        chunk(&[choice], usage)
    };
    let mut script = Script::stream(200, "text/event-stream");
    for (index, _) in generation.indexed_choices() {
        let content = Some(Nullable::Value(String::new()));
        script = script.piece(delta(
            index,
            Delta { role: Some("assistant"), content, ..Delta::default() },
            None,
            None,
        ));
    }
    for (index, _, item) in generation.stream_items() {
        let logprobs = match item {
            StreamItem::Text(text) => logprobs::for_piece(generation, text, true),
            _ => None,
        };
        let mut deltas = deltas(generation, index, item).into_iter();
        let first = deltas.next().map(|first| delta(index, first, logprobs, None));
        script = script.pieces(first).pieces(deltas.map(|each| delta(index, each, None, None)));
    }
    for (index, choice) in generation.indexed_choices() {
        script =
            script.piece(delta(index, Delta::default(), None, Some(finish_reason(choice.finish_reason))));
    }
    if generation.includes_usage {
        script = script.piece(chunk(&[], StreamUsage::Value(Usage::of(generation))));
    }
    with_provider_header(script.piece(DONE), generation)
}

fn deltas(generation: &Generation, index: u32, item: StreamItem<'_>) -> Vec<Delta> {
    match item {
        // A reasoning model sends null for the inactive field.
        StreamItem::Reasoning(text) => vec![Delta {
            content: Some(Nullable::Null),
            reasoning: Reasoning::or_null(generation.reasoning_format(), Some(text.to_owned())),
            ..Delta::default()
        }],
        StreamItem::Text(text) => vec![Delta {
            content: Some(Nullable::Value(text.to_owned())),
            reasoning: Reasoning::or_null(generation.reasoning_format(), None),
            ..Delta::default()
        }],
        StreamItem::Refusal(text) => vec![Delta { refusal: Some(text.to_owned()), ..Delta::default() }],
        StreamItem::FunctionCall(place, call) => {
            let first = ToolCall::first_fragment(place, unique_id(generation, index, place), call);
            let pieces = call.pieces().into_iter().map(|piece| ToolCall::arguments_fragment(place, piece));
            let calls = std::iter::once(first).chain(pieces);
            calls.map(|call| Delta { tool_calls: vec![call], ..Delta::default() }).collect()
        }
    }
}

fn with_provider_header(script: Script, generation: &Generation) -> Script {
    if !generation.names_provider {
        return script;
    }
    script.header("x-inference-provider", generation.served.provider.name)
}

fn id(generation: &Generation) -> String {
    format!("chatcmpl-{}", generation.fingerprint.hex())
}

fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::EndOfText | FinishReason::StopSequence => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
    }
}
