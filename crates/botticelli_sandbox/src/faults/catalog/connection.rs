//! Connections that end, and bytes that are not quite HTTP.

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Head, Own, Plain, Stream, closed};
use crate::script::Script;

const GROUP: FaultGroup = FaultGroup::Connection;
const MANY: u64 = 1_000_000;

/// A header line above what any client should take.
const KIB: u64 = 1024;

const fn instead(
    name: &'static str,
    description: &'static str,
    script: fn(&Call<'_>) -> Script,
) -> Definition {
    Definition::whole(GROUP, name, description, script)
}

const fn bent(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::bent(GROUP, name, description, stream, plain)
}

/// The own answer as raw bytes behind a changed head: chunks are not needed, because the end of
/// the connection ends it.
fn behind(own: Own, change: impl FnOnce(String) -> Vec<u8>) -> Script {
    let (head, body) = match own {
        Own::Plain(plain) => {
            let length = plain.body.len();
            (plain.head.bytes_with_length(length), plain.body)
        }
        Own::Stream(stream) => {
            let body = stream.text();
            (stream.head.bytes(false), body)
        }
    };
    let head = String::from_utf8_lossy(&head).into_owned();
    Script::raw().piece(change(head)).piece(body)
}

/// The head of a chunked answer, and one good chunk.
fn chunked(head: &Head, text: &str) -> Script {
    Script::raw().piece(head.bytes(true)).piece(format!("{:x}\r\n{text}\r\n", text.len()))
}

fn flooded(own: Own) -> Script {
    behind(own, |head| format!("{}{head}", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)).into_bytes())
}

fn of_old(own: Own) -> Script {
    behind(own, |head| head.replacen("HTTP/1.1", "HTTP/1.0", 1).into_bytes())
}

fn misspelt(own: Own) -> Script {
    behind(own, |head| head.replacen("HTTP/1.1 200 OK", "HTTP/one.one two hundred", 1).into_bytes())
}

fn colonless(own: Own) -> Script {
    behind(own, |head| head.replacen("\r\n", "\r\nthis is no header\r\n", 1).into_bytes())
}

fn long_header(own: Own, kib: u64) -> Script {
    let bytes = usize::try_from(kib.saturating_mul(KIB)).unwrap_or(usize::MAX);
    let line = format!("\r\nx-long: {}\r\n", "x".repeat(bytes));
    behind(own, |head| head.replacen("\r\n", &line, 1).into_bytes())
}

fn many_headers(own: Own, count: u64) -> Script {
    let lines: Vec<_> = (0..count).map(|number| format!("\r\nx-many-{number}: 1")).collect();
    behind(own, |head| head.replacen("\r\n", &format!("{}\r\n", lines.concat()), 1).into_bytes())
}

pub(super) static ALL: &[Definition] = &[
    instead("close-at-once", "The connection is closed once the request was read, without a word.", |_| {
        Script::close()
    }),
    instead("reset-at-once", "The connection is reset once the request was read.", |_| Script::raw().reset()),
    instead("half-status-line", "The connection is closed in the middle of the status line.", |_| {
        Script::raw().piece("HTTP/1.1 20").cut()
    }),
    bent(
        "cut-after-head",
        "The connection is closed after the head, before the body.",
        |_, stream| stream.head.chunked().cut(),
        |_, plain| plain.promised(b"").cut(),
    ),
    bent(
        "reset-after-head",
        "The connection is reset after the head, before the body.",
        |_, stream| stream.head.chunked().reset(),
        |_, plain| plain.promised(b"").reset(),
    ),
    bent(
        "reset-after-events",
        "The connection is reset after so many events; a plain body stops halfway.",
        |call, stream| stream.first(call.count()).reset(),
        |_, plain| {
            let half = plain.half();
            plain.promised(&half).reset()
        },
    )
    .number(3, 0, MANY),
    bent(
        "stale-connection",
        "The answer is good, and the connection is reset when the next request arrives on it.",
        |_, stream| stream.whole().going_stale(),
        |_, plain| plain.whole().going_stale(),
    )
    .harmless(),
    bent(
        "unannounced-close",
        "The answer is good, and the connection is closed after it, which no header said.",
        |_, stream| {
            let text = stream.text();
            let head = String::from_utf8_lossy(&stream.head.bytes(true)).replace("connection: close\r\n", "");
            Script::raw().piece(head).piece(format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len()))
        },
        |_, plain| {
            let length = plain.body.len();
            let head = plain.head.bytes_with_length(length);
            let head = String::from_utf8_lossy(&head).replace("connection: close\r\n", "");
            Script::raw().piece(head).piece(plain.body)
        },
    )
    .harmless(),
    bent(
        "announced-close",
        "The answer is good, and `connection: close` says that no other will follow.",
        |_, stream| stream.whole().header("connection", "close"),
        |_, plain| plain.whole().header("connection", "close"),
    )
    .harmless(),
    instead("not-http", "Bytes of another protocol: somebody else listens on this port.", |_| {
        Script::raw().piece("SSH-2.0-OpenSSH_9.6\r\n")
    }),
    bent(
        "malformed-status-line",
        "The status line has no status.",
        |_, stream| misspelt(Own::Stream(stream)),
        |_, plain| misspelt(Own::Plain(plain)),
    ),
    bent(
        "malformed-header",
        "A header line without a colon.",
        |_, stream| colonless(Own::Stream(stream)),
        |_, plain| colonless(Own::Plain(plain)),
    ),
    bent(
        "malformed-chunk-size",
        "The size of the second chunk is no number.",
        |_, stream| {
            let text: String = stream.events.iter().take(3).map(|event| closed(event)).collect();
            chunked(&stream.head, &text).piece("zz\r\ndata: {}\n\n\r\n0\r\n\r\n")
        },
        |_, plain| {
            let half = String::from_utf8_lossy(&plain.half()).into_owned();
            chunked(&plain.head, &half).piece("zz\r\n{}\r\n0\r\n\r\n")
        },
    ),
    bent(
        "long-header",
        "A header line of so many KiB; the answer after it is good.",
        |call, stream| long_header(Own::Stream(stream), call.number),
        |call, plain| long_header(Own::Plain(plain), call.number),
    )
    .number(128, 1, 64 * KIB),
    bent(
        "many-headers",
        "So many header lines; the answer after them is good.",
        |call, stream| many_headers(Own::Stream(stream), call.number),
        |call, plain| many_headers(Own::Plain(plain), call.number),
    )
    .number(1000, 1, MANY),
    bent(
        "continue-flood",
        "A hundred times `100 Continue`, and then the answer.",
        |_, stream| flooded(Own::Stream(stream)),
        |_, plain| flooded(Own::Plain(plain)),
    )
    .harmless(),
    bent(
        "http-1-0",
        "An answer in HTTP/1.0, which has no chunks: the connection's end is its end.",
        |_, stream| of_old(Own::Stream(stream)),
        |_, plain| of_old(Own::Plain(plain)),
    )
    .harmless(),
];
