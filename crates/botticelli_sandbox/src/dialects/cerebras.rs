//! cerebras.

use serde::Serialize;

use super::event::event;
use super::usage::Usage;
use crate::chat::{Completion, Ending};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "fp_sandbox";

#[derive(Serialize)]
struct Whole<'a> {
    id: &'a str,
    choices: [Choice; 1],
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    object: &'a str,
    usage: Usage,
    time_info: TimeInfo,
}

#[derive(Serialize)]
struct Choice {
    finish_reason: &'static str,
    index: u32,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    content: String,
    role: &'static str,
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
    let answer = Whole {
        id: &id(completion),
        choices: [Choice {
            finish_reason: finish_reason(completion.ending),
            index: 0,
            message: Message { content: completion.text(), role: "assistant" },
        }],
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
    let chunk = |delta: Delta<'_>, is_last: bool| {
        event(&Chunk {
            id: &id,
            choices: [ChunkChoice {
                delta,
                finish_reason: is_last.then(|| finish_reason(completion.ending)),
                index: 0,
            }],
            created: completion.fingerprint.created(),
            model: completion.served.provider.serves_as,
            system_fingerprint: FINGERPRINT,
            object: "chat.completion.chunk",
            usage: is_last.then(|| Usage::of(completion)),
            time_info: is_last.then(|| time_info(completion)),
        })
    };
    let role = Delta { role: Some("assistant"), content: None };
    let texts = completion.pieces.iter().map(|piece| {
        let content = Some(piece.as_str());
        chunk(Delta { role: None, content }, false)
    });
    // Nothing follows the last event, not even the line breaks that would close it.
    let last = chunk(Delta::default(), true).trim_end().to_owned();
    Script::stream(200, "text/event-stream; charset=utf-8")
        .piece(chunk(role, false))
        .pieces(texts)
        .piece(last)
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
    }
}
