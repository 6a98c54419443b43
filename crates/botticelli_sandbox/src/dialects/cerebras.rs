//! Dialect of cerebras.

use serde::Serialize;

use super::event::event;
use super::reasoning::Reasoning;
use super::tool_calls::{ToolCall, unique_id};
use super::usage::Usage;
use crate::chat::{FinishReason, Generation, StreamItem};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "fp_sandbox";

#[derive(Serialize)]
struct Response<'a> {
    id: &'a str,
    choices: Vec<ResponseChoice>,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    object: &'a str,
    usage: Usage,
    time_info: TimeInfo,
}

#[derive(Serialize)]
struct ResponseChoice {
    finish_reason: &'static str,
    index: u32,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    /// Omitted without text.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(flatten)]
    reasoning: Reasoning,
    role: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    choices: [ChunkChoice<'a>; 1],
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    object: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_info: Option<TimeInfo>,
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    delta: Delta<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
    index: u32,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(flatten)]
    reasoning: Reasoning,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
}

/// Times in seconds. The values are constant, because the sandbox reads no clock.
#[derive(Serialize)]
struct TimeInfo {
    queue_time: f64,
    prompt_time: f64,
    completion_time: f64,
    total_time: f64,
    created: u64,
}

pub(crate) fn plain(generation: &Generation) -> Script {
    let choices = generation.indexed_choices().map(|(index, choice)| {
        let reasoning = Some(choice.reasoning.concat()).filter(|text| !text.is_empty());
        let calls = (0..).zip(&choice.calls);
        ResponseChoice {
            finish_reason: finish_reason(choice.finish_reason),
            index,
            message: Message {
                content: choice.content(),
                reasoning: Reasoning::or_omitted(generation.reasoning_format(), reasoning),
                role: "assistant",
                tool_calls: calls
                    .map(|(place, call)| ToolCall::complete(unique_id(generation, index, place), call))
                    .collect(),
            },
        }
    });
    let response = Response {
        id: &id(generation),
        choices: choices.collect(),
        created: generation.fingerprint.created(),
        model: generation.served.provider.model_id,
        system_fingerprint: FINGERPRINT,
        object: "chat.completion",
        usage: Usage::of(generation),
        time_info: time_info(generation),
    };
    Script::json(200, encode(&response))
}

pub(crate) fn stream(generation: &Generation) -> Script {
    let id = id(generation);
    let chunk = |index: u32, delta: Delta<'_>, finish_reason: Option<&'static str>, is_last: bool| {
        event(&Chunk {
            id: &id,
            choices: [ChunkChoice { delta, finish_reason, index }],
            created: generation.fingerprint.created(),
            model: generation.served.provider.model_id,
            system_fingerprint: FINGERPRINT,
            object: "chat.completion.chunk",
            usage: is_last.then(|| Usage::of(generation)),
            time_info: is_last.then(|| time_info(generation)),
        })
    };
    let mut events = Vec::new();
    for (index, _) in generation.indexed_choices() {
        events.push(chunk(index, Delta { role: Some("assistant"), ..Delta::default() }, None, false));
    }
    for (index, _, item) in generation.stream_items() {
        let empty = Delta::default();
        let delta = match item {
            StreamItem::Text(text) | StreamItem::Refusal(text) => Delta { content: Some(text), ..empty },
            StreamItem::Reasoning(text) => Delta {
                reasoning: Reasoning::or_null(generation.reasoning_format(), Some(text.to_owned())),
                ..empty
            },
            StreamItem::FunctionCall(place, call) => {
                let tool_call =
                    ToolCall::complete(unique_id(generation, index, place), call).with_index(place);
                Delta { tool_calls: vec![tool_call], ..empty }
            }
        };
        events.push(chunk(index, delta, None, false));
    }
    let last = generation.choices.len().saturating_sub(1);
    for ((index, choice), place) in generation.indexed_choices().zip(0..) {
        events.push(chunk(index, Delta::default(), Some(finish_reason(choice.finish_reason)), place == last));
    }
    // The last event has no terminating line breaks.
    if let Some(last) = events.last_mut() {
        last.truncate(last.trim_end().len());
    }
    Script::stream(200, "text/event-stream; charset=utf-8").pieces(events)
}

fn time_info(generation: &Generation) -> TimeInfo {
    TimeInfo {
        queue_time: 0.000_080_831,
        prompt_time: 0.002_364_294,
        completion_time: 0.001_345_785,
        total_time: 0.005_622_386_932_373_047,
        created: generation.fingerprint.created(),
    }
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
