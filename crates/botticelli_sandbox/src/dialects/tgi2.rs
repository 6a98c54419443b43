//! text-generation-inference 2.

use serde::Serialize;

use super::logprobs::{self, Logprobs};
use super::reasoning::Thoughts;
use super::tool_calls::{Arguments, ToolCall};
use super::usage::Usage;
use crate::chat::{Bit, Call, Completion, Ending};
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
    choices: Vec<C>,
    #[serde(skip_serializing_if = "Option::is_none")]
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
    let choices = completion.numbered().map(|(index, choice)| {
        let thoughts = Some(choice.thoughts.concat()).filter(|text| !text.is_empty());
        let message = Said {
            role: "assistant",
            content: choice.content(),
            thoughts: Thoughts::present(completion.home(), thoughts),
            tool_calls: choice.calls.iter().map(whole_call).collect(),
        };
        let logprobs = logprobs::of_choice(completion, choice, false);
        WholeChoice { index, message, logprobs, finish_reason: finish_reason(choice.ending) }
    });
    let usage = Some(Usage::of(completion));
    Script::json(200, encode(&answer(completion, choices.collect(), usage)))
}

pub(crate) fn stream(completion: &Completion) -> Script {
    let mut chunks: Vec<ChunkChoice> = completion
        .bits()
        .into_iter()
        .map(|(index, _, bit)| {
            let logprobs = match bit {
                Bit::Text(text) => logprobs::of_one(completion, text, false),
                _ => None,
            };
            ChunkChoice { index, delta: delta(completion, bit), logprobs, finish_reason: None }
        })
        .collect();
    for (index, choice) in completion.numbered() {
        let reason = Some(finish_reason(choice.ending));
        match (choice.ending, chunks.last_mut()) {
            // The last chunk is the last token.
            (Ending::StopSequence | Ending::Length, Some(last)) => last.finish_reason = reason,
            (Ending::StopSequence | Ending::Length, None) => chunks.push(ending(index, "", reason)),
            // The end token is a token like any other, and leaks out as text.
            _ => chunks.push(ending(index, "</s>", reason)),
        }
    }
    // No blank after the colon.
    let event = |chunk| format!("data:{}\n\n", encode(&answer(completion, vec![chunk], None)));
    Script::stream(200, "text/event-stream").pieces(chunks.into_iter().map(event))
}

fn ending(index: u32, content: &str, finish_reason: Option<&'static str>) -> ChunkChoice {
    ChunkChoice { index, delta: said(content.to_owned()), logprobs: None, finish_reason }
}

fn delta(completion: &Completion, bit: Bit<'_>) -> Said {
    let nothing = Said { content: None, ..said(String::new()) };
    match bit {
        Bit::Text(text) | Bit::Refusal(text) => said(text.to_owned()),
        Bit::Thought(text) => {
            Said { thoughts: Thoughts::of(completion.home(), Some(text.to_owned())), ..nothing }
        }
        Bit::Call(place, call) => Said { tool_calls: vec![whole_call(call).at(place)], ..nothing },
    }
}

/// Every call has the same id, and its arguments are an object instead of text.
fn whole_call(call: &Call) -> ToolCall {
    let mut whole = ToolCall::whole("0".to_owned(), call).undescribed();
    whole.function.arguments = Arguments::Object(call.arguments.clone());
    whole
}

fn answer<C>(completion: &Completion, choices: Vec<C>, usage: Option<Usage>) -> Answer<'_, C> {
    Answer {
        id: "",
        object: OBJECT,
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
        Ending::Natural | Ending::Calls | Ending::Filtered => "eos_token",
        Ending::StopSequence => "stop_sequence",
        Ending::Length => "length",
    }
}
