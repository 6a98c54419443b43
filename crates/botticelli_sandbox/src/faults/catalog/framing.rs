//! The same events and bytes with other valid framing.

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Plain, Stream, close_event, data, json};
use crate::script::Script;

/// Defines framing of streams. Plain responses stay unchanged.
const fn reframe_stream(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
) -> Definition {
    reframe(name, description, stream, |_, plain| plain.into_script())
}

const fn reframe(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::alter(FaultGroup::Framing, name, description, stream, plain).harmless()
}

/// Writes every event with `write`, including its terminator.
fn rewrite_events(stream: Stream, write: impl Fn(&str) -> String) -> Script {
    let Stream { head, events } = stream;
    head.chunked().pieces(events.iter().map(|event| write(event)))
}

/// Sends each byte as a separate HTTP chunk.
fn byte_chunks(head: Script, text: &str) -> Script {
    head.pieces(text.bytes().map(|byte| [byte]))
}

/// Splits at irregular but constant positions.
fn odd_splits(head: Script, text: &str) -> Script {
    let mut bytes = text.bytes();
    let mut state = 7_usize;
    let mut script = head;
    loop {
        // The residues of a prime split inside lines and characters.
        state = state * 31 % 61;
        let piece: Vec<u8> = bytes.by_ref().take(state % 23 + 1).collect();
        if piece.is_empty() {
            return script;
        }
        script = script.piece(piece);
    }
}

pub(super) static ALL: &[Definition] = &[
    reframe_stream("crlf", "Lines end in CR and LF.", |_, stream| {
        rewrite_events(stream, |event| format!("{event}\r\n\r\n"))
    }),
    reframe_stream(
        "lone-cr",
        "Lines end in a single CR, which the standard allows but few servers use.",
        |_, stream| rewrite_events(stream, |event| format!("{event}\r\r")),
    ),
    reframe_stream("mixed-line-ends", "Lines end in LF, CR or both, alternating.", |_, stream| {
        let mut ends = ["\n\n", "\r\n\r\n", "\r\r", "\n\r\n"].into_iter().cycle();
        let Stream { head, events } = stream;
        let events: Vec<_> =
            events.iter().zip(&mut ends).map(|(event, end)| format!("{event}{end}")).collect();
        head.chunked().pieces(events)
    }),
    reframe_stream(
        "no-blank",
        "No space after `data:`, as from text-generation-inference 1 and 2.",
        |_, stream| rewrite_events(stream, |event| format!("data:{}\n\n", data(event))),
    ),
    reframe_stream(
        "spaced-json",
        "Spaces and line breaks in the JSON, with one `data:` line for each of its lines.",
        |_, stream| {
            rewrite_events(stream, |event| {
                let json = json(event);
                match serde_json::to_string_pretty(&json) {
                    Ok(pretty) if !json.is_null() => {
                        let lines: Vec<_> = pretty.lines().map(|line| format!("data: {line}\n")).collect();
                        format!("{}\n", lines.concat())
                    }
                    _ => close_event(event),
                }
            })
        },
    ),
    reframe_stream("bom", "A byte order mark before the first event.", |_, stream| {
        let Stream { head, events } = stream;
        head.chunked().piece("\u{feff}").pieces(events.iter().map(|event| close_event(event)))
    }),
    reframe_stream(
        "other-fields",
        "`event`, `id` and `retry` lines in addition to the data, and unknown fields.",
        |_, stream| {
            rewrite_events(stream, |event| {
                format!("event: message\nid: 7\nretry: 3000\nnonsense\n{event}\nodd: field\n\n")
            })
        },
    ),
    reframe_stream("many-blank-lines", "Extra blank lines between the events.", |_, stream| {
        rewrite_events(stream, |event| format!("\n\n{event}\n\n\n\n"))
    }),
    reframe_stream("one-chunk", "The whole stream in a single HTTP chunk.", |_, stream| {
        let text = stream.text();
        stream.head.chunked().piece(text)
    }),
    reframe(
        "one-byte-chunks",
        "A separate HTTP chunk for every byte.",
        |_, stream| {
            let text = stream.text();
            byte_chunks(stream.head.chunked(), &text)
        },
        |_, plain| byte_chunks(plain.head.chunked(), &plain.body),
    ),
    reframe(
        "odd-splits",
        "HTTP chunks end inside lines, JSON and characters, always at the same positions.",
        |_, stream| {
            let text = stream.text();
            odd_splits(stream.head.chunked(), &text)
        },
        |_, plain| odd_splits(plain.head.chunked(), &plain.body),
    ),
    reframe(
        "slow-stream",
        "A pause of N milliseconds before every event.",
        |call, stream| {
            let Stream { head, events } = stream;
            let pause = call.milliseconds();
            events.iter().fold(head.chunked(), |script, event| script.pause(pause).piece(close_event(event)))
        },
        |call, plain| plain.head.chunked().pause(call.milliseconds()).piece(plain.body),
    )
    .number(2, 0, 60_000),
];
