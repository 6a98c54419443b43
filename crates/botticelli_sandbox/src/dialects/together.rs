//! together.

use serde::Serialize;

use super::event::{DONE, event};
use super::logprobs::{self, OwnLogprobs};
use super::reasoning::Thoughts;
use super::tool_calls::{ToolCall, unique_id};
use super::usage::Usage;
use crate::chat::{Bit, Completion, Ending};
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
    choices: Vec<WholeChoice>,
    usage: Usage,
}

#[derive(Serialize)]
struct WholeChoice {
    finish_reason: &'static str,
    seed: u64,
    logprobs: Option<OwnLogprobs>,
    index: u32,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: Option<String>,
    #[serde(flatten)]
    thoughts: Thoughts,
    tool_calls: Vec<ToolCall>,
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
    logprobs: Option<OwnLogprobs>,
    finish_reason: Option<&'a str>,
    seed: Option<u64>,
    delta: Delta<'a>,
}

#[derive(Serialize)]
struct Delta<'a> {
    token_id: Option<u64>,
    role: &'a str,
    content: &'a str,
    #[serde(flatten)]
    thoughts: Thoughts,
    tool_calls: Option<[ToolCall; 1]>,
}

pub(crate) fn whole(completion: &Completion) -> Script {
    let choices = completion.numbered().map(|(index, choice)| {
        let thoughts = Some(choice.thoughts.concat()).filter(|text| !text.is_empty());
        let calls = (0..).zip(&choice.calls);
        WholeChoice {
            finish_reason: finish_reason(choice.ending),
            seed: completion.fingerprint.beyond_i64(),
            logprobs: logprobs::own(completion, &choice.pieces),
            index,
            message: Message {
                role: "assistant",
                content: choice.content(),
                thoughts: Thoughts::present(completion.home(), thoughts),
                tool_calls: calls
                    .map(|(place, call)| ToolCall::whole(unique_id(completion, index, place), call))
                    .collect(),
            },
        }
    });
    let answer = Whole {
        id: &completion.fingerprint.hex(),
        object: "chat.completion",
        created: completion.fingerprint.created(),
        model: completion.served.provider.serves_as,
        prompt: [],
        choices: choices.collect(),
        usage: Usage::of(completion),
    };
    hurried(Script::text(200, "application/json; charset=utf-8", encode(&answer)))
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let id = completion.fingerprint.hex();
    let chunk = |choice: ChunkChoice<'_>, is_last: bool| {
        event(&Chunk {
            id: &id,
            object: "chat.completion.chunk",
            created: completion.fingerprint.created(),
            choices: [choice],
            model: completion.served.provider.serves_as,
            usage: is_last.then(|| Usage::of(completion)),
        })
    };
    let mut script = Script::stream(200, "text/event-stream;charset=utf-8");
    for (index, _, bit) in completion.bits() {
        let mut choice = said(index, "", None);
        match bit {
            Bit::Text(text) | Bit::Refusal(text) => {
                let token_id = Fingerprint::of(text.as_bytes()).below(VOCABULARY);
                choice = said(index, text, Some(token_id));
                choice.logprobs = logprobs::own(completion, &[text.to_owned()]);
            }
            Bit::Thought(text) => {
                choice.delta.thoughts = Thoughts::of(completion.home(), Some(text.to_owned()));
            }
            // The whole call at once.
            Bit::Call(place, call) => {
                let whole = ToolCall::whole(unique_id(completion, index, place), call).at(place);
                choice.delta.tool_calls = Some([whole]);
            }
        }
        script = script.piece(chunk(choice, false));
    }
    let last = completion.choices.len().saturating_sub(1);
    for ((index, choice), place) in completion.numbered().zip(0..) {
        let mut end = said(index, "", Some(END_TOKEN));
        end.finish_reason = Some(finish_reason(choice.ending));
        end.seed = Some(completion.fingerprint.beyond_i64());
        script = script.piece(chunk(end, place == last));
    }
    hurried(script.piece(DONE))
}

fn said(index: u32, text: &str, token_id: Option<u64>) -> ChunkChoice<'_> {
    let thoughts = Thoughts::default();
    let delta = Delta { token_id, role: "assistant", content: text, thoughts, tool_calls: None };
    ChunkChoice { index, text, logprobs: None, finish_reason: None, seed: None, delta }
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
        Ending::Calls => "tool_calls",
        Ending::Filtered => "content_filter",
    }
}
