//! The router itself, in the manner of `OpenAI`.

use serde::Serialize;

use super::event::{DONE, event};
use super::usage::Usage;
use crate::chat::{Completion, Ending};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "fp_sandbox";

#[derive(Serialize)]
struct Whole<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: [Choice; 1],
    usage: Usage,
    system_fingerprint: &'a str,
}

#[derive(Serialize)]
struct Choice {
    index: u32,
    message: Message,
    logprobs: (),
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: String,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    choices: &'a [ChunkChoice<'a>],
    #[serde(skip_serializing_if = "Reported::is_left_out")]
    usage: Reported,
}

/// The usage in a stream: left out unless asked for, then null in all chunks but the last.
#[derive(Serialize)]
#[serde(untagged)]
enum Reported {
    LeftOut,
    Later,
    Now(Usage),
}

impl Reported {
    fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: (),
    finish_reason: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
}

pub(crate) fn whole(completion: &Completion) -> Script {
    let answer = Whole {
        id: &id(completion),
        object: "chat.completion",
        created: completion.fingerprint.created(),
        model: completion.served.provider.serves_as,
        choices: [Choice {
            index: 0,
            message: Message { role: "assistant", content: completion.text() },
            logprobs: (),
            finish_reason: finish_reason(completion.ending),
        }],
        usage: Usage::of(completion),
        system_fingerprint: FINGERPRINT,
    };
    named(Script::json(200, encode(&answer)), completion)
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let id = id(completion);
    let chunk = |choices: &[ChunkChoice<'_>], usage: Reported| {
        event(&Chunk {
            id: &id,
            object: "chat.completion.chunk",
            created: completion.fingerprint.created(),
            model: completion.served.provider.serves_as,
            system_fingerprint: FINGERPRINT,
            choices,
            usage,
        })
    };
    let delta = |delta: Delta<'_>, finish_reason: Option<&str>| {
        let choice = ChunkChoice { index: 0, delta, logprobs: (), finish_reason };
        let usage = if completion.includes_usage { Reported::Later } else { Reported::LeftOut };
        chunk(&[choice], usage)
    };
    let role = Delta { role: Some("assistant"), content: Some("") };
    let texts = completion.pieces.iter().map(|piece| {
        let content = Some(piece.as_str());
        delta(Delta { role: None, content }, None)
    });
    let mut script = Script::stream(200, "text/event-stream")
        .piece(delta(role, None))
        .pieces(texts)
        .piece(delta(Delta::default(), Some(finish_reason(completion.ending))));
    if completion.includes_usage {
        script = script.piece(chunk(&[], Reported::Now(Usage::of(completion))));
    }
    named(script.piece(DONE), completion)
}

fn named(script: Script, completion: &Completion) -> Script {
    script.header("x-inference-provider", completion.served.provider.name)
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
