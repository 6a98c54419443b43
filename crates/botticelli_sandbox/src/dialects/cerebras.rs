//! cerebras.

use serde::Serialize;

use super::event::event;
use super::reasoning::Thoughts;
use super::tool_calls::{ToolCall, unique_id};
use super::usage::Usage;
use crate::chat::{Bit, Completion, Ending};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "fp_sandbox";

#[derive(Serialize)]
struct Whole<'a> {
    id: &'a str,
    choices: Vec<WholeChoice>,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    object: &'a str,
    usage: Usage,
    time_info: TimeInfo,
}

#[derive(Serialize)]
struct WholeChoice {
    finish_reason: &'static str,
    index: u32,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    /// Missing where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(flatten)]
    thoughts: Thoughts,
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
    thoughts: Thoughts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
}

/// Seconds. Invented once and for all: the sandbox reads no clock.
#[derive(Serialize)]
struct TimeInfo {
    queue_time: f64,
    prompt_time: f64,
    completion_time: f64,
    total_time: f64,
    created: u64,
}

pub(crate) fn whole(completion: &Completion) -> Script {
    let choices = completion.numbered().map(|(index, choice)| {
        let thoughts = Some(choice.thoughts.concat()).filter(|text| !text.is_empty());
        let calls = (0..).zip(&choice.calls);
        WholeChoice {
            finish_reason: finish_reason(choice.ending),
            index,
            message: Message {
                content: choice.content(),
                thoughts: Thoughts::present(completion.home(), thoughts),
                role: "assistant",
                tool_calls: calls
                    .map(|(place, call)| ToolCall::whole(unique_id(completion, index, place), call))
                    .collect(),
            },
        }
    });
    let answer = Whole {
        id: &id(completion),
        choices: choices.collect(),
        created: completion.fingerprint.created(),
        model: completion.served.provider.serves_as,
        system_fingerprint: FINGERPRINT,
        object: "chat.completion",
        usage: Usage::of(completion),
        time_info: time_info(completion),
    };
    Script::json(200, encode(&answer))
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let id = id(completion);
    let chunk = |index: u32, delta: Delta<'_>, finish_reason: Option<&'static str>, is_last: bool| {
        event(&Chunk {
            id: &id,
            choices: [ChunkChoice { delta, finish_reason, index }],
            created: completion.fingerprint.created(),
            model: completion.served.provider.serves_as,
            system_fingerprint: FINGERPRINT,
            object: "chat.completion.chunk",
            usage: is_last.then(|| Usage::of(completion)),
            time_info: is_last.then(|| time_info(completion)),
        })
    };
    let mut events = Vec::new();
    for (index, _) in completion.numbered() {
        events.push(chunk(index, Delta { role: Some("assistant"), ..Delta::default() }, None, false));
    }
    for (index, _, bit) in completion.bits() {
        let nothing = Delta::default();
        let delta = match bit {
            Bit::Text(text) | Bit::Refusal(text) => Delta { content: Some(text), ..nothing },
            Bit::Thought(text) => {
                Delta { thoughts: Thoughts::of(completion.home(), Some(text.to_owned())), ..nothing }
            }
            Bit::Call(place, call) => {
                let whole = ToolCall::whole(unique_id(completion, index, place), call).at(place);
                Delta { tool_calls: vec![whole], ..nothing }
            }
        };
        events.push(chunk(index, delta, None, false));
    }
    let last = completion.choices.len().saturating_sub(1);
    for ((index, choice), place) in completion.numbered().zip(0..) {
        events.push(chunk(index, Delta::default(), Some(finish_reason(choice.ending)), place == last));
    }
    // Nothing follows the last event, not even the line breaks that would close it.
    if let Some(last) = events.last_mut() {
        last.truncate(last.trim_end().len());
    }
    Script::stream(200, "text/event-stream; charset=utf-8").pieces(events)
}

fn time_info(completion: &Completion) -> TimeInfo {
    TimeInfo {
        queue_time: 0.000_080_831,
        prompt_time: 0.002_364_294,
        completion_time: 0.001_345_785,
        total_time: 0.005_622_386_932_373_047,
        created: completion.fingerprint.created(),
    }
}

fn id(completion: &Completion) -> String {
    format!("chatcmpl-{}", completion.fingerprint.hex())
}

fn finish_reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Natural | Ending::StopSequence => "stop",
        Ending::Length => "length",
        Ending::Calls => "tool_calls",
        Ending::Filtered => "content_filter",
    }
}
