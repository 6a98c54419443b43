//! text-generation-inference 3.

use serde::Serialize;

use super::event::{DONE, event};
use super::usage::Usage;
use crate::chat::{Completion, Ending};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "3.0.1-sha-sandbox";

#[derive(Serialize)]
struct Answer<'a, C> {
    object: &'a str,
    id: &'a str,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    choices: &'a [C],
    /// Null in every chunk but the one that was asked for.
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Choice {
    index: u32,
    message: Said,
    logprobs: (),
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct ChunkChoice {
    index: u32,
    delta: Said,
    logprobs: (),
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Said {
    role: &'static str,
    content: String,
}

pub(crate) fn whole(completion: &Completion) -> Script {
    let choice = Choice {
        index: 0,
        message: said(completion.text()),
        logprobs: (),
        finish_reason: finish_reason(completion.ending),
    };
    let usage = Some(Usage::of(completion));
    Script::json(200, encode(&answer(completion, "chat.completion", &[choice], usage)))
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let chunk = |choices: &[ChunkChoice], usage: Option<Usage>| {
        event(&answer(completion, "chat.completion.chunk", choices, usage))
    };
    let delta = |content: &str, finish_reason: Option<&'static str>| {
        let choice = ChunkChoice { index: 0, delta: said(content.to_owned()), logprobs: (), finish_reason };
        chunk(&[choice], None)
    };
    let mut script = Script::stream(200, "text/event-stream")
        .pieces(completion.pieces.iter().map(|piece| delta(piece, None)))
        .piece(delta("", Some(finish_reason(completion.ending))));
    if completion.includes_usage {
        script = script.piece(chunk(&[], Some(Usage::of(completion))));
    }
    script.piece(DONE)
}

fn answer<'a, C>(
    completion: &'a Completion,
    object: &'a str,
    choices: &'a [C],
    usage: Option<Usage>,
) -> Answer<'a, C> {
    Answer {
        object,
        id: "",
        created: completion.fingerprint.created(),
        model: completion.served.model.id,
        system_fingerprint: FINGERPRINT,
        choices,
        usage,
    }
}

fn said(content: String) -> Said {
    Said { role: "assistant", content }
}

fn finish_reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Natural | Ending::StopSequence => "stop",
        Ending::Length => "length",
    }
}
