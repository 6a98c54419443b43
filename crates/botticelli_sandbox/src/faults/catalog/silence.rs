//! Answers that do not come, stop coming, or do not end.

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, closed, done, is_done};
use crate::script::Script;

const MANY: u64 = 1_000_000;
const COMMENT: &str = ": ping\n\n";

/// The answer does not come.
const fn silent(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::bent(FaultGroup::Silence, name, description, stream, plain)
}

/// The answer came, its end does not. A plain answer has its length in front, so that it is
/// complete all the same.
const fn lingering(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
) -> Definition {
    Definition::bent(FaultGroup::Lingering, name, description, stream, |_, plain| {
        let body = plain.body.clone();
        plain.promised(body.as_bytes()).silence()
    })
    .harmless()
}

fn half(plain: Plain) -> Script {
    let half = plain.half();
    plain.promised(&half)
}

fn until_done(stream: Stream) -> Script {
    stream.of(|mut events| {
        events.retain(|event| !is_done(event));
        events.push(done());
        events
    })
}

pub(in crate::faults) const SILENCE_AFTER: Definition = silent(
    "silence-after-events",
    "Nothing more comes after so many events, and the connection stays; a plain body stops halfway.",
    |call, stream| stream.first(call.count()).silence(),
    |_, plain| half(plain).silence(),
)
.number(3, 0, MANY);

pub(super) static ALL: &[Definition] = &[
    Definition::whole(
        FaultGroup::Silence,
        "never-answers",
        "The request is read and never answered; the connection stays open.",
        |_| Script::hang(),
    ),
    Definition::whole(
        FaultGroup::Silence,
        "half-head-then-silence",
        "The status line and one header come, and nothing more.",
        |_| Script::raw().piece("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n").silence(),
    ),
    silent(
        "silence-after-head",
        "The head comes, and nothing more.",
        |_, stream| stream.head.chunked().silence(),
        |_, plain| plain.promised(b"").silence(),
    ),
    SILENCE_AFTER,
    silent(
        "silence-in-event",
        "Nothing more comes from the middle of the third event on.",
        |_, stream| {
            let third = stream.events.get(2).cloned().unwrap_or_default();
            let part: Vec<u8> = third.bytes().take(third.len() / 2).collect();
            stream.first(2).piece(part).silence()
        },
        |_, plain| half(plain).silence(),
    ),
    silent(
        "comments-for-ever",
        "Comments after the first event, without end and without a pause; a plain body is blanks.",
        |_, stream| stream.first(1).repeat(COMMENT),
        |_, plain| plain.head.chunked().repeat("\n"),
    ),
    silent(
        "empty-deltas-for-ever",
        "Events that say nothing after the first, without end and without a pause; a plain body is blanks.",
        |_, stream| {
            stream.first(1).repeat(
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]}\n\n",
            )
        },
        |_, plain| plain.head.chunked().repeat(" "),
    ),
    silent(
        "trickle-then-silence",
        "Four events with so many milliseconds between them, then nothing more.",
        |call, stream| {
            let pause = call.milliseconds();
            let count = stream.finish().min(4);
            let Stream { head, events } = stream;
            let first = events.iter().take(count);
            first.fold(head.chunked(), |script, event| script.piece(closed(event)).pause(pause)).silence()
        },
        |call, plain| {
            let pause = call.milliseconds();
            let half = plain.half();
            let (one, other) = half.split_at(half.len() / 2);
            plain.promised(one).pause(pause).piece(other).silence()
        },
    )
    .number(2, 0, 60_000),
    lingering(
        "silence-after-finish",
        "The finish reason comes, and nothing more: the text is complete.",
        |_, stream| {
            let finish = stream.finish();
            stream
                .of(|mut events| {
                    events.truncate(finish + 1);
                    events
                })
                .silence()
        },
    ),
    lingering(
        "silence-after-done",
        "`[DONE]` comes, and the connection stays open after it.",
        |_, stream| until_done(stream).silence(),
    ),
    lingering("comments-after-done", "`[DONE]` comes, and comments after it without end.", |_, stream| {
        until_done(stream).repeat(COMMENT)
    }),
];
