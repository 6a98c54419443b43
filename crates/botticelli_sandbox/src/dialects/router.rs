//! The router itself, in the manner of `OpenAI`.

use serde::Serialize;

use super::event::{DONE, event};
use super::logprobs::{self, Logprobs};
use super::reasoning::Thoughts;
use super::tool_calls::{Maybe, ToolCall, unique_id};
use super::usage::Usage;
use crate::chat::{Bit, Choice, Completion, Ending};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "fp_sandbox";

#[derive(Serialize)]
struct Whole<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: Vec<WholeChoice>,
    usage: Usage,
    system_fingerprint: &'a str,
}

#[derive(Serialize)]
struct WholeChoice {
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
    thoughts: Thoughts,
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
    content: Option<Maybe<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(flatten)]
    thoughts: Thoughts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
}

pub(crate) fn whole(completion: &Completion) -> Script {
    let choices = completion.numbered().map(|(index, choice)| WholeChoice {
        index,
        message: message(completion, index, choice),
        logprobs: logprobs::of_choice(completion, choice, true),
        finish_reason: finish_reason(choice.ending),
    });
    let answer = Whole {
        id: &id(completion),
        object: "chat.completion",
        created: completion.fingerprint.created(),
        model: completion.served.provider.serves_as,
        choices: choices.collect(),
        usage: Usage::of(completion),
        system_fingerprint: FINGERPRINT,
    };
    named(Script::json(200, encode(&answer)), completion)
}

fn message(completion: &Completion, index: u32, choice: &Choice) -> Message {
    let thoughts = Some(choice.thoughts.concat()).filter(|text| !text.is_empty());
    let calls = (0..).zip(&choice.calls);
    Message {
        role: "assistant",
        content: choice.content(),
        refusal: Some(choice.refusal.concat()).filter(|text| !text.is_empty()),
        thoughts: Thoughts::of(completion.home(), thoughts),
        tool_calls: calls
            .map(|(place, call)| ToolCall::whole(unique_id(completion, index, place), call))
            .collect(),
    }
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let id = id(completion);
    let chunk = |choices: &[ChunkChoice], usage: Reported| {
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
    let delta = |index, delta, logprobs, finish_reason| {
        let choice = ChunkChoice { index, delta, logprobs, finish_reason };
        let usage = if completion.includes_usage { Reported::Later } else { Reported::LeftOut };
        chunk(&[choice], usage)
    };
    let mut script = Script::stream(200, "text/event-stream");
    for (index, _) in completion.numbered() {
        let content = Some(Maybe::Some(String::new()));
        script = script.piece(delta(
            index,
            Delta { role: Some("assistant"), content, ..Delta::default() },
            None,
            None,
        ));
    }
    for (index, _, bit) in completion.bits() {
        let logprobs = match bit {
            Bit::Text(text) => logprobs::of_one(completion, text, true),
            _ => None,
        };
        let mut deltas = deltas(completion, index, bit).into_iter();
        let first = deltas.next().map(|first| delta(index, first, logprobs, None));
        script = script.pieces(first).pieces(deltas.map(|each| delta(index, each, None, None)));
    }
    for (index, choice) in completion.numbered() {
        script = script.piece(delta(index, Delta::default(), None, Some(finish_reason(choice.ending))));
    }
    if completion.includes_usage {
        script = script.piece(chunk(&[], Reported::Now(Usage::of(completion))));
    }
    named(script.piece(DONE), completion)
}

fn deltas(completion: &Completion, index: u32, bit: Bit<'_>) -> Vec<Delta> {
    match bit {
        // A model that thinks says null for what it does not say.
        Bit::Thought(text) => vec![Delta {
            content: Some(Maybe::Null),
            thoughts: Thoughts::of(completion.home(), Some(text.to_owned())),
            ..Delta::default()
        }],
        Bit::Text(text) => vec![Delta {
            content: Some(Maybe::Some(text.to_owned())),
            thoughts: Thoughts::of(completion.home(), None),
            ..Delta::default()
        }],
        Bit::Refusal(text) => vec![Delta { refusal: Some(text.to_owned()), ..Delta::default() }],
        Bit::Call(place, call) => {
            let opening = ToolCall::opening(place, unique_id(completion, index, place), call);
            let pieces = call.pieces().into_iter().map(|piece| ToolCall::piece(place, piece));
            let calls = std::iter::once(opening).chain(pieces);
            calls.map(|call| Delta { tool_calls: vec![call], ..Delta::default() }).collect()
        }
    }
}

fn named(script: Script, completion: &Completion) -> Script {
    if !completion.names_provider {
        return script;
    }
    script.header("x-inference-provider", completion.served.provider.name)
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
