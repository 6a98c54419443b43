//! Streams that end early or without a terminator.

use serde_json::json;

use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, close_event, event, is_done, is_usage};
use crate::script::Script;

use crate::faults::call::Call;

/// Maximum number of events, more than any response has.
const MANY: u64 = 1_000_000;

const fn cut(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::alter(FaultGroup::Stream, name, description, stream, plain)
}

pub(in crate::faults) const CUT_AFTER: Definition = cut(
    "cut-after-events",
    "The connection ends after N events, without a terminator. A plain body ends halfway.",
    |call, stream| stream.take(call.count()).cut(),
    |_, plain| plain.cut(),
)
.number(3, 0, MANY);

pub(in crate::faults) const END_AFTER: Definition = cut(
    "end-after-events",
    "The stream ends properly after N events, without a finish reason, as from proxies that lost their server.",
    |call, stream| stream.take(call.count()),
    |_, plain| plain.truncate(),
)
.number(3, 0, MANY);

pub(super) static ALL: &[Definition] = &[
    CUT_AFTER,
    END_AFTER,
    cut(
        "cut-in-event",
        "The connection ends in the middle of the third event.",
        |_, stream| {
            let third = stream.events.get(2).cloned().unwrap_or_default();
            let half: Vec<u8> = third.bytes().take(third.len() / 2).collect();
            stream.take(2).piece(half).cut()
        },
        |_, plain| plain.cut(),
    ),
    cut(
        "end-in-event",
        "The stream ends properly in the middle of the third event.",
        |_, stream| {
            let third = stream.events.get(2).cloned().unwrap_or_default();
            let half: Vec<u8> = third.bytes().take(third.len() / 2).collect();
            stream.take(2).piece(half)
        },
        |_, plain| plain.truncate(),
    ),
    cut(
        "cut-in-character",
        "The connection ends inside a multi-byte character.",
        |_, stream| {
            let non_ascii = stream.events.iter().position(|event| !event.is_ascii());
            let at = non_ascii.unwrap_or(1).min(stream.finish_index());
            let broken = match non_ascii.and_then(|at| stream.events.get(at)) {
                Some(event) => up_to_character(event),
                // A short response may lack such a character, so an event with one is added.
                None => {
                    up_to_character(&event(json!({ "choices": [{ "index": 0, "delta": { "content": "à" }}]})))
                }
            };
            stream.take(at).piece(broken).cut()
        },
        |_, plain| {
            let broken = up_to_character(&plain.body);
            plain.with_declared_length(&broken).cut()
        },
    ),
    cut(
        "cut-before-usage",
        "The connection ends after the finish reason, before usage and `[DONE]`: the text is complete.",
        |_, stream| {
            let end = stream.finish_index() + 1;
            stream
                .map_events(|mut events| {
                    events.truncate(end);
                    events
                })
                .cut()
        },
        |_, plain| plain.into_script(),
    )
    .harmless(),
    cut(
        "no-done",
        "No `[DONE]` at the end, as from text-generation-inference 2 and cerebras.",
        |_, stream| {
            stream.map_events(|mut events| {
                events.retain(|event| !is_done(event));
                events
            })
        },
        |_, plain| plain.into_script(),
    )
    .harmless(),
    cut(
        "done-without-finish",
        "`[DONE]` without a finish reason: the text is complete, the reason unknown.",
        |_, stream| {
            let finish = stream.finish_index();
            let mut events = stream.events;
            if finish < events.len() {
                events.remove(finish);
            }
            events.retain(|event| !is_done(event));
            events.push(crate::faults::response::done_event());
            Stream { head: stream.head, events }.into_script()
        },
        |_, plain| plain.into_script(),
    )
    .harmless(),
    cut(
        "done-at-once",
        "Only `[DONE]`. A plain body is an empty object.",
        |_, stream| stream.head.chunked().piece(close_event("data: [DONE]")),
        |_, plain| plain.head.with_body("{}"),
    ),
    cut(
        "no-events",
        "A proper end without any event. A plain body is empty.",
        |_, stream| stream.head.chunked(),
        |_, plain| plain.head.with_body(""),
    ),
    cut(
        "usage-only",
        "Role and usage, but no text and no finish reason. A plain response has no message.",
        |_, stream| {
            stream.map_events(|events| {
                let usage =
                    events.iter().filter(|event| is_usage(&crate::faults::response::json(event))).cloned();
                events.iter().take(1).cloned().chain(usage).collect()
            })
        },
        |_, plain| {
            plain.map_json(|json| {
                if let Some(choice) = json.pointer_mut("/choices") {
                    *choice = json!([]);
                }
            })
        },
    ),
];

/// Returns the text up to the first byte of its first non-ASCII character.
fn up_to_character(text: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = text.bytes().take_while(u8::is_ascii).collect();
    bytes.extend(text.bytes().find(|byte| !byte.is_ascii()));
    bytes
}
