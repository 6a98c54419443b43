//! text-generation-inference 2.

use serde::Serialize;

use super::usage::Usage;
use crate::chat::{Completion, Ending};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "2.0.1-sha-sandbox";

/// It answers chat under the name of its older sister, text completion.
const OBJECT: &str = "text_completion";

#[derive(Serialize)]
struct Answer<'a, C> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    choices: [C; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
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
    Script::json(200, encode(&answer(completion, choice, usage)))
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let chunk = |content: &str, finish_reason: Option<&'static str>| {
        let choice = ChunkChoice { index: 0, delta: said(content.to_owned()), logprobs: (), finish_reason };
        // No blank after the colon.
        format!("data:{}\n\n", encode(&answer(completion, choice, None)))
    };
    let reason = Some(finish_reason(completion.ending));
    let (before, last) = match (completion.ending, completion.pieces.split_last()) {
        // The end token is a token like any other, and leaks out as text.
        (Ending::Natural, _) => (completion.pieces.as_slice(), "</s>"),
        // Otherwise the last chunk is the last token.
        (_, Some((last, before))) => (before, last.as_str()),
        (_, None) => (completion.pieces.as_slice(), ""),
    };
    Script::stream(200, "text/event-stream")
        .pieces(before.iter().map(|piece| chunk(piece, None)))
        .piece(chunk(last, reason))
}

fn answer<C>(completion: &Completion, choice: C, usage: Option<Usage>) -> Answer<'_, C> {
    Answer {
        id: "",
        object: OBJECT,
        created: completion.fingerprint.created(),
        model: completion.served.model.id,
        system_fingerprint: FINGERPRINT,
        choices: [choice],
        usage,
    }
}

fn said(content: String) -> Said {
    Said { role: "assistant", content }
}

fn finish_reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Natural => "eos_token",
        Ending::StopSequence => "stop_sequence",
        Ending::Length => "length",
    }
}
