//! Responses that never start, stall, or stay open.

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, close_event, done_event, is_done};
use crate::script::Script;

const MANY: u64 = 1_000_000;
const COMMENT: &str = ": ping\n\n";

/// Defines a response that stalls.
const fn stall(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::alter(FaultGroup::Silence, name, description, stream, plain)
}

/// Defines a complete response on a connection that stays open. A plain response has a length, so
/// it is complete.
const fn linger(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
) -> Definition {
    Definition::alter(FaultGroup::Lingering, name, description, stream, |_, plain| {
        let body = plain.body.clone();
        plain.with_declared_length(body.as_bytes()).silence()
    })
    .harmless()
}

fn half(plain: Plain) -> Script {
    let half = plain.half();
    plain.with_declared_length(&half)
}

fn until_done(stream: Stream) -> Script {
    stream.map_events(|mut events| {
        events.retain(|event| !is_done(event));
        events.push(done_event());
        events
    })
}

pub(in crate::faults) const SILENCE_AFTER: Definition = stall(
    "silence-after-events",
    "N events, then nothing on an open connection. A plain body stops halfway.",
    |call, stream| stream.take(call.count()).silence(),
    |_, plain| half(plain).silence(),
)
.number(3, 0, MANY);

pub(super) static ALL: &[Definition] = &[
    Definition::replace(
        FaultGroup::Silence,
        "never-answers",
        "The request is read, nothing is sent, and the connection stays open.",
        |_| Script::hang(),
    ),
    Definition::replace(
        FaultGroup::Silence,
        "half-head-then-silence",
        "The status line and one header, then nothing.",
        |_| Script::raw().piece("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n").silence(),
    ),
    stall(
        "silence-after-head",
        "The head, then nothing.",
        |_, stream| stream.head.chunked().silence(),
        |_, plain| plain.with_declared_length(b"").silence(),
    ),
    SILENCE_AFTER,
    stall(
        "silence-in-event",
        "Nothing after the middle of the third event.",
        |_, stream| {
            let third = stream.events.get(2).cloned().unwrap_or_default();
            let part: Vec<u8> = third.bytes().take(third.len() / 2).collect();
            stream.take(2).piece(part).silence()
        },
        |_, plain| half(plain).silence(),
    ),
    stall(
        "comments-for-ever",
        "Endless comments after the first event, without a pause. A plain body is endless line breaks.",
        |_, stream| stream.take(1).repeat(COMMENT),
        |_, plain| plain.head.chunked().repeat("\n"),
    ),
    stall(
        "empty-deltas-for-ever",
        "Endless empty deltas after the first event, without a pause. A plain body is endless spaces.",
        |_, stream| {
            stream.take(1).repeat(
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]}\n\n",
            )
        },
        |_, plain| plain.head.chunked().repeat(" "),
    ),
    stall(
        "trickle-then-silence",
        "Four events with pauses of N milliseconds, then nothing.",
        |call, stream| {
            let pause = call.milliseconds();
            let count = stream.finish_index().min(4);
            let Stream { head, events } = stream;
            let first = events.iter().take(count);
            first
                .fold(head.chunked(), |script, event| script.piece(close_event(event)).pause(pause))
                .silence()
        },
        |call, plain| {
            let pause = call.milliseconds();
            let half = plain.half();
            let (one, other) = half.split_at(half.len() / 2);
            plain.with_declared_length(one).pause(pause).piece(other).silence()
        },
    )
    .number(2, 0, 60_000),
    linger("silence-after-finish", "The finish reason, then nothing: the text is complete.", |_, stream| {
        let finish = stream.finish_index();
        stream
            .map_events(|mut events| {
                events.truncate(finish + 1);
                events
            })
            .silence()
    }),
    linger("silence-after-done", "`[DONE]`, after which the connection stays open.", |_, stream| {
        until_done(stream).silence()
    }),
    linger("comments-after-done", "`[DONE]`, then endless comments.", |_, stream| {
        until_done(stream).repeat(COMMENT)
    }),
];
