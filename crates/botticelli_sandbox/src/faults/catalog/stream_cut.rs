//! Streams that end where they should not.

use serde_json::json;

use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, closed, event, is_done, is_usage};
use crate::script::Script;

use crate::faults::call::Call;

/// More events than any answer has.
const MANY: u64 = 1_000_000;

const fn cut(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::bent(FaultGroup::Stream, name, description, stream, plain)
}

pub(in crate::faults) const CUT_AFTER: Definition = cut(
    "cut-after-events",
    "The connection ends after so many events, without a terminator; a plain body ends halfway.",
    |call, stream| stream.first(call.count()).cut(),
    |_, plain| plain.cut(),
)
.number(3, 0, MANY);

pub(in crate::faults) const END_AFTER: Definition = cut(
    "end-after-events",
    "The stream ends properly after so many events, without a finish reason; proxies that lost their server do that.",
    |call, stream| stream.first(call.count()),
    |_, plain| plain.truncated(),
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
            stream.first(2).piece(half).cut()
        },
        |_, plain| plain.cut(),
    ),
    cut(
        "end-in-event",
        "The stream ends properly in the middle of the third event.",
        |_, stream| {
            let third = stream.events.get(2).cloned().unwrap_or_default();
            let half: Vec<u8> = third.bytes().take(third.len() / 2).collect();
            stream.first(2).piece(half)
        },
        |_, plain| plain.truncated(),
    ),
    cut(
        "cut-in-character",
        "The connection ends inside a character of several bytes.",
        |_, stream| {
            let spoken = stream.events.iter().position(|event| !event.is_ascii());
            let at = spoken.unwrap_or(1).min(stream.finish());
            let broken = match spoken.and_then(|at| stream.events.get(at)) {
                Some(event) => up_to_character(event),
                // A short answer may have no such character: it gets one more piece.
                None => {
                    up_to_character(&event(json!({ "choices": [{ "index": 0, "delta": { "content": "à" }}]})))
                }
            };
            stream.first(at).piece(broken).cut()
        },
        |_, plain| {
            let broken = up_to_character(&plain.body);
            plain.promised(&broken).cut()
        },
    ),
    cut(
        "cut-before-usage",
        "The connection ends after the finish reason, before usage and `[DONE]`: the text is complete.",
        |_, stream| {
            let end = stream.finish() + 1;
            stream
                .of(|mut events| {
                    events.truncate(end);
                    events
                })
                .cut()
        },
        |_, plain| plain.whole(),
    )
    .harmless(),
    cut(
        "no-done",
        "No `[DONE]` at the end, as from text-generation-inference 2 and cerebras.",
        |_, stream| {
            stream.of(|mut events| {
                events.retain(|event| !is_done(event));
                events
            })
        },
        |_, plain| plain.whole(),
    )
    .harmless(),
    cut(
        "done-without-finish",
        "`[DONE]` comes and no finish reason before it: complete, the reason unknown.",
        |_, stream| {
            let finish = stream.finish();
            let mut events = stream.events;
            if finish < events.len() {
                events.remove(finish);
            }
            events.retain(|event| !is_done(event));
            events.push(crate::faults::response::done());
            Stream { head: stream.head, events }.whole()
        },
        |_, plain| plain.whole(),
    )
    .harmless(),
    cut(
        "done-at-once",
        "`[DONE]` and nothing before it; a plain body is an empty object.",
        |_, stream| stream.head.chunked().piece(closed("data: [DONE]")),
        |_, plain| plain.head.whole("{}"),
    ),
    cut(
        "no-events",
        "A stream that ends properly before it began; a plain body is empty.",
        |_, stream| stream.head.chunked(),
        |_, plain| plain.head.whole(""),
    ),
    cut(
        "usage-only",
        "Role and usage come, and neither text nor finish reason; a plain answer has no message.",
        |_, stream| {
            stream.of(|events| {
                let usage =
                    events.iter().filter(|event| is_usage(&crate::faults::response::json(event))).cloned();
                events.iter().take(1).cloned().chain(usage).collect()
            })
        },
        |_, plain| {
            plain.map(|json| {
                if let Some(choice) = json.pointer_mut("/choices") {
                    *choice = json!([]);
                }
            })
        },
    ),
];

/// The text up to the first byte of its first character of several bytes.
fn up_to_character(text: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = text.bytes().take_while(u8::is_ascii).collect();
    bytes.extend(text.bytes().find(|byte| !byte.is_ascii()));
    bytes
}
