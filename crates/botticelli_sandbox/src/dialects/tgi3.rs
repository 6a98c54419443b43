//! text-generation-inference 3.

use serde::Serialize;

use super::event::{DONE, event};
use super::logprobs::{self, Logprobs};
use super::reasoning::Thoughts;
use super::tool_calls::{Arguments, Maybe, ToolCall};
use super::usage::Usage;
use crate::chat::{Bit, Call, Choice, Completion, Ending};
use crate::json::encode;
use crate::script::Script;

const FINGERPRINT: &str = "3.0.1-sha-sandbox";

/// The id of every call.
const ID: &str = "0";

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
struct WholeChoice {
    index: u32,
    message: Said,
    logprobs: Option<Logprobs>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct ChunkChoice {
    index: u32,
    delta: Said,
    logprobs: Option<Logprobs>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Said {
    role: &'static str,
    /// Missing, not null, beside tool calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(flatten)]
    thoughts: Thoughts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
}

pub(crate) fn whole(completion: &Completion) -> Script {
    let choices: Vec<WholeChoice> = completion
        .numbered()
        .map(|(index, choice)| WholeChoice {
            index,
            message: message(completion, choice),
            logprobs: logprobs::of_choice(completion, choice, false),
            finish_reason: finish_reason(choice.ending),
        })
        .collect();
    let usage = Some(Usage::of(completion));
    Script::json(200, encode(&answer(completion, "chat.completion", &choices, usage)))
}

fn message(completion: &Completion, choice: &Choice) -> Said {
    let thoughts = Some(choice.thoughts.concat()).filter(|text| !text.is_empty());
    Said {
        role: "assistant",
        content: choice.content(),
        thoughts: Thoughts::present(completion.home(), thoughts),
        tool_calls: choice.calls.iter().map(|call| whole_call(call).undescribed()).collect(),
    }
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let chunk = |choices: &[ChunkChoice], usage: Option<Usage>| {
        event(&answer(completion, "chat.completion.chunk", choices, usage))
    };
    let delta = |index, delta, logprobs, finish_reason| {
        chunk(&[ChunkChoice { index, delta, logprobs, finish_reason }], None)
    };
    let mut script = Script::stream(200, "text/event-stream");
    for (index, _, bit) in completion.bits() {
        script = match bit {
            Bit::Text(text) | Bit::Refusal(text) => {
                let logprobs = logprobs::of_one(completion, text, false);
                script.piece(delta(index, said(text.to_owned()), logprobs, None))
            }
            Bit::Thought(text) => {
                let thoughts = Thoughts::of(completion.home(), Some(text.to_owned()));
                script.piece(delta(
                    index,
                    Said { content: None, thoughts, ..said(String::new()) },
                    None,
                    None,
                ))
            }
            Bit::Call(place, call) => script.pieces(fragments(place, call).into_iter().map(|fragment| {
                let said = Said { content: None, tool_calls: vec![fragment], ..said(String::new()) };
                delta(index, said, None, None)
            })),
        };
    }
    for (index, choice) in completion.numbered() {
        script = script.piece(delta(index, said(String::new()), None, Some(finish_reason(choice.ending))));
    }
    if completion.includes_usage {
        script = script.piece(chunk(&[], Some(Usage::of(completion))));
    }
    script.piece(DONE)
}

fn whole_call(call: &Call) -> ToolCall {
    ToolCall::whole(ID.to_owned(), call)
}

/// Id and name stand in the first two fragments, and are null from then on.
fn fragments(place: u32, call: &Call) -> Vec<ToolCall> {
    let opening = ToolCall::opening(place, ID.to_owned(), call);
    let pieces = call.pieces().into_iter().enumerate().map(|(at, piece)| {
        let mut fragment = ToolCall::opening(place, ID.to_owned(), call);
        fragment.function.arguments = Arguments::Text(piece);
        if at > 0 {
            fragment.id = Some(Maybe::Null);
            fragment.function.name = Some(Maybe::Null);
        }
        fragment
    });
    std::iter::once(opening).chain(pieces).collect()
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
    Said { role: "assistant", content: Some(content), thoughts: Thoughts::default(), tool_calls: Vec::new() }
}

fn finish_reason(ending: Ending) -> &'static str {
    match ending {
        // Tool calls are no reason of their own.
        Ending::Natural | Ending::StopSequence | Ending::Calls | Ending::Filtered => "stop",
        Ending::Length => "length",
    }
}
