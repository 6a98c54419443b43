//! Dialect of together.

use serde::Serialize;

use super::event::{DONE, event};
use super::logprobs::{self, TogetherLogprobs};
use super::reasoning::Reasoning;
use super::tool_calls::{ToolCall, unique_id};
use super::usage::Usage;
use crate::chat::{FinishReason, Generation, StreamItem};
use crate::fingerprint::Fingerprint;
use crate::json::encode;
use crate::script::Script;

/// Number of ordinary token ids. The end token has a higher id.
const VOCABULARY: u64 = 128_000;
const END_TOKEN: u64 = 128_009;

#[derive(Serialize)]
struct Response<'a> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    prompt: [(); 0],
    choices: Vec<ResponseChoice>,
    usage: Usage,
}

#[derive(Serialize)]
struct ResponseChoice {
    finish_reason: &'static str,
    seed: u64,
    logprobs: Option<TogetherLogprobs>,
    index: u32,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: Option<String>,
    #[serde(flatten)]
    reasoning: Reasoning,
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
    logprobs: Option<TogetherLogprobs>,
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
    reasoning: Reasoning,
    tool_calls: Option<[ToolCall; 1]>,
}

pub(crate) fn plain(generation: &Generation) -> Script {
    let choices = generation.indexed_choices().map(|(index, choice)| {
        let reasoning = Some(choice.reasoning.concat()).filter(|text| !text.is_empty());
        let calls = (0..).zip(&choice.calls);
        ResponseChoice {
            finish_reason: finish_reason(choice.finish_reason),
            seed: generation.fingerprint.beyond_i64(),
            logprobs: logprobs::for_together(generation, &choice.pieces),
            index,
            message: Message {
                role: "assistant",
                content: choice.content(),
                reasoning: Reasoning::or_omitted(generation.reasoning_format(), reasoning),
                tool_calls: calls
                    .map(|(place, call)| ToolCall::complete(unique_id(generation, index, place), call))
                    .collect(),
            },
        }
    });
    let response = Response {
        id: &generation.fingerprint.hex(),
        object: "chat.completion",
        created: generation.fingerprint.created(),
        model: generation.served.provider.model_id,
        prompt: [],
        choices: choices.collect(),
        usage: Usage::of(generation),
    };
    with_retry_after(Script::text(200, "application/json; charset=utf-8", encode(&response)))
}

pub(crate) fn stream(generation: &Generation) -> Script {
    let id = generation.fingerprint.hex();
    let chunk = |choice: ChunkChoice<'_>, is_last: bool| {
        event(&Chunk {
            id: &id,
            object: "chat.completion.chunk",
            created: generation.fingerprint.created(),
            choices: [choice],
            model: generation.served.provider.model_id,
            usage: is_last.then(|| Usage::of(generation)),
        })
    };
    let mut script = Script::stream(200, "text/event-stream;charset=utf-8");
    for (index, _, item) in generation.stream_items() {
        let mut choice = text_choice(index, "", None);
        match item {
            StreamItem::Text(text) | StreamItem::Refusal(text) => {
                let token_id = Fingerprint::of(text.as_bytes()).below(VOCABULARY);
                choice = text_choice(index, text, Some(token_id));
                choice.logprobs = logprobs::for_together(generation, &[text.to_owned()]);
            }
            StreamItem::Reasoning(text) => {
                choice.delta.reasoning =
                    Reasoning::or_null(generation.reasoning_format(), Some(text.to_owned()));
            }
            // One chunk contains the whole call.
            StreamItem::FunctionCall(place, call) => {
                let tool_call =
                    ToolCall::complete(unique_id(generation, index, place), call).with_index(place);
                choice.delta.tool_calls = Some([tool_call]);
            }
        }
        script = script.piece(chunk(choice, false));
    }
    let last = generation.choices.len().saturating_sub(1);
    for ((index, choice), place) in generation.indexed_choices().zip(0..) {
        let mut end = text_choice(index, "", Some(END_TOKEN));
        end.finish_reason = Some(finish_reason(choice.finish_reason));
        end.seed = Some(generation.fingerprint.beyond_i64());
        script = script.piece(chunk(end, place == last));
    }
    with_retry_after(script.piece(DONE))
}

fn text_choice(index: u32, text: &str, token_id: Option<u64>) -> ChunkChoice<'_> {
    let reasoning = Reasoning::default();
    let delta = Delta { token_id, role: "assistant", content: text, reasoning, tool_calls: None };
    ChunkChoice { index, text, logprobs: None, finish_reason: None, seed: None, delta }
}

/// Adds `retry-after`, which together sends even on success.
fn with_retry_after(script: Script) -> Script {
    script.header("retry-after", "2")
}

fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::EndOfText => "eos",
        FinishReason::StopSequence => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
    }
}
