//! Scenarios of the benchmarks.

use crate::answer::Answer;
use crate::text;
use serde_json::{Value, json};
use std::time::Duration;

/// Number of pieces of text or arguments in a stream.
const PIECES: usize = 2_000;
/// Number of pieces in a paced stream.
const PACED: usize = 100;
/// Pause between the pieces of a paced stream.
const PACE: Duration = Duration::from_millis(20);
/// Size of the HTTP chunks that hold many events, in bytes.
const COALESCED: usize = 64 << 10;

/// Returns every scenario with its name.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Answer)> {
    let texts = text::pieces(PIECES);
    let text_events = || events(texts.iter().map(|piece| delta(&json!({"content": piece}))));
    let arguments = text::arguments(PIECES);
    let called = events(arguments.iter().enumerate().map(|(at, piece)| delta(&call(at, piece))));
    let paced = text::pieces(PACED);
    let paced_events = events(paced.iter().map(|piece| delta(&json!({"content": piece}))));
    let few = text::pieces(3);
    let few_events = events(few.iter().map(|piece| delta(&json!({"content": piece}))));
    [
        ("short", plain(&text::text(200))),
        ("long", plain(&text::text(64 << 10))),
        ("chunked", Answer::streamed(&texts, text_events())),
        ("coalesced", Answer::streamed(&texts, coalesced(&text_events()))),
        ("written", Answer::written(&texts, text_events(), None)),
        ("tools", Answer::streamed(&arguments, called)),
        ("paced", Answer::written(&paced, paced_events, Some(PACE))),
        ("first", Answer::streamed(&few, few_events)),
    ]
    .into_iter()
}

fn plain(text: &str) -> Answer {
    let body = json!({
        "id": "chatcmpl-4d0b8a0e-6a1f-4c5f-9d2e-7b3a51c0e8f6-9c41e07b",
        "object": "chat.completion",
        "created": 1_751_016_113,
        "model": "openai/gpt-oss-20b",
        "system_fingerprint": "fp_31aa5c90d7",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "logprobs": null,
            "finish_reason": "stop"
        }],
        "usage": {"prompt_tokens": 12, "completion_tokens": 48, "total_tokens": 60}
    });
    Answer::plain(text, &body.to_string())
}

/// Returns the events of a stream: the role, the given deltas, the finish reason, the usage, and `[DONE]`.
fn events(deltas: impl Iterator<Item = Value>) -> Vec<String> {
    let first = delta(&json!({"role": "assistant", "content": ""}));
    let mut last = delta(&json!({}));
    last["choices"][0]["finish_reason"] = "stop".into();
    let mut usage = delta(&json!({}));
    usage["choices"] = json!([]);
    usage["usage"] = json!({"prompt_tokens": 12, "completion_tokens": PIECES, "total_tokens": PIECES + 12});
    let all = std::iter::once(first).chain(deltas).chain([last, usage]);
    let mut events: Vec<_> = all.map(|event| format!("data: {event}\n\n")).collect();
    events.push("data: [DONE]\n\n".to_owned());
    events
}

fn delta(delta: &Value) -> Value {
    json!({
        "id": "chatcmpl-4d0b8a0e-6a1f-4c5f-9d2e-7b3a51c0e8f6-9c41e07b",
        "object": "chat.completion.chunk",
        "created": 1_751_016_113,
        "model": "openai/gpt-oss-20b",
        "system_fingerprint": "fp_31aa5c90d7",
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}],
        "usage": null,
        "x_groq": null
    })
}

/// Returns a delta with a piece of a call's arguments. The first one has the name of the tool.
fn call(at: usize, arguments: &str) -> Value {
    let mut call = json!({"index": 0, "function": {"arguments": arguments}});
    if at == 0 {
        call["id"] = "call_9pw5jgn2".into();
        call["type"] = "function".into();
        call["function"]["name"] = "write_story".into();
    }
    json!({"tool_calls": [call]})
}

fn coalesced(events: &[String]) -> Vec<String> {
    let all = events.concat();
    let mut chunks = Vec::new();
    let mut rest = all.as_str();
    while !rest.is_empty() {
        let mut at = COALESCED.min(rest.len());
        while !rest.is_char_boundary(at) {
            at -= 1;
        }
        let (chunk, after) = rest.split_at(at);
        chunks.push(chunk.to_owned());
        rest = after;
    }
    chunks
}
