//! together.

use serde::Serialize;

use super::event::{DONE, event};
use super::usage::Usage;
use crate::chat::{Completion, Ending};
use crate::fingerprint::Fingerprint;
use crate::json::encode;
use crate::script::Script;

/// The number of tokens that the numbering of its models knows; the end token is beyond them.
const VOCABULARY: u64 = 128_000;
const END_TOKEN: u64 = 128_009;

#[derive(Serialize)]
struct Whole<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    prompt: [(); 0],
    choices: [Choice; 1],
    usage: Usage,
}

#[derive(Serialize)]
struct Choice {
    finish_reason: &'static str,
    seed: u64,
    logprobs: (),
    index: u32,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: String,
    tool_calls: [(); 0],
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    choices: [ChunkChoice<'a>; 1],
    model: &'a str,
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    text: &'a str,
    logprobs: (),
    finish_reason: Option<&'a str>,
    seed: Option<u64>,
    delta: Delta<'a>,
}

#[derive(Serialize)]
struct Delta<'a> {
    token_id: u64,
    role: &'a str,
    content: &'a str,
    tool_calls: (),
}

pub(crate) fn whole(completion: &Completion) -> Script {
    let answer = Whole {
        id: &completion.fingerprint.hex(),
        object: "chat.completion",
        created: completion.fingerprint.created(),
        model: completion.served.provider.serves_as,
        prompt: [],
        choices: [Choice {
            finish_reason: finish_reason(completion.ending),
            seed: completion.fingerprint.beyond_i64(),
            logprobs: (),
            index: 0,
            message: Message { role: "assistant", content: completion.text(), tool_calls: [] },
        }],
        usage: Usage::of(completion),
    };
    hurried(Script::text(200, "application/json; charset=utf-8", encode(&answer)))
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let id = completion.fingerprint.hex();
    let chunk = |text: &str, token_id: u64, is_last: bool| {
        event(&Chunk {
            id: &id,
            object: "chat.completion.chunk",
            created: completion.fingerprint.created(),
            choices: [ChunkChoice {
                index: 0,
                text,
                logprobs: (),
                finish_reason: is_last.then(|| finish_reason(completion.ending)),
                seed: is_last.then(|| completion.fingerprint.beyond_i64()),
                delta: Delta { token_id, role: "assistant", content: text, tool_calls: () },
            }],
            model: completion.served.provider.serves_as,
            usage: is_last.then(|| Usage::of(completion)),
        })
    };
    let texts = completion.pieces.iter().map(|piece| {
        let token_id = Fingerprint::of(piece.as_bytes()).below(VOCABULARY);
        chunk(piece, token_id, false)
    });
    hurried(
        Script::stream(200, "text/event-stream;charset=utf-8")
            .pieces(texts)
            .piece(chunk("", END_TOKEN, true))
            .piece(DONE),
    )
}

/// It advises to come back in two seconds, on success as well.
fn hurried(script: Script) -> Script {
    script.header("retry-after", "2")
}

fn finish_reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Natural => "eos",
        Ending::StopSequence => "stop",
        Ending::Length => "length",
    }
}
