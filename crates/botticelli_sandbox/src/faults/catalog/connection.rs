//! Connections that end, and invalid HTTP.

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::response::{Head, Plain, Response, Stream, close_event};
use crate::script::Script;

const GROUP: FaultGroup = FaultGroup::Connection;
const MANY: u64 = 1_000_000;

const KIB: u64 = 1024;

const fn replace(
    name: &'static str,
    description: &'static str,
    script: fn(&Call<'_>) -> Script,
) -> Definition {
    Definition::replace(GROUP, name, description, script)
}

const fn alter(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::alter(GROUP, name, description, stream, plain)
}

/// Returns the default response as raw bytes with an altered head. Chunks are not needed, because
/// the end of the connection ends the body.
fn with_head(own: Response, change: impl FnOnce(String) -> Vec<u8>) -> Script {
    let (head, body) = match own {
        Response::Plain(plain) => {
            let length = plain.body.len();
            (plain.head.bytes_with_length(length), plain.body)
        }
        Response::Stream(stream) => {
            let body = stream.text();
            (stream.head.bytes(false), body)
        }
    };
    let head = String::from_utf8_lossy(&head).into_owned();
    Script::raw().piece(change(head)).piece(body)
}

/// Returns the head of a chunked response and one valid chunk.
fn first_chunk(head: &Head, text: &str) -> Script {
    Script::raw().piece(head.bytes(true)).piece(format!("{:x}\r\n{text}\r\n", text.len()))
}

fn flood_with_continue(own: Response) -> Script {
    with_head(own, |head| format!("{}{head}", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)).into_bytes())
}

fn as_http_1_0(own: Response) -> Script {
    with_head(own, |head| head.replacen("HTTP/1.1", "HTTP/1.0", 1).into_bytes())
}

fn corrupt_status_line(own: Response) -> Script {
    with_head(own, |head| head.replacen("HTTP/1.1 200 OK", "HTTP/one.one two hundred", 1).into_bytes())
}

fn add_header_without_colon(own: Response) -> Script {
    with_head(own, |head| head.replacen("\r\n", "\r\nthis is no header\r\n", 1).into_bytes())
}

fn add_long_header(own: Response, kib: u64) -> Script {
    let bytes = usize::try_from(kib.saturating_mul(KIB)).unwrap_or(usize::MAX);
    let line = format!("\r\nx-long: {}\r\n", "x".repeat(bytes));
    with_head(own, |head| head.replacen("\r\n", &line, 1).into_bytes())
}

fn add_many_headers(own: Response, count: u64) -> Script {
    let lines: Vec<_> = (0..count).map(|number| format!("\r\nx-many-{number}: 1")).collect();
    with_head(own, |head| head.replacen("\r\n", &format!("{}\r\n", lines.concat()), 1).into_bytes())
}

pub(super) static ALL: &[Definition] = &[
    replace("close-at-once", "The connection is closed after the request, without a response.", |_| {
        Script::close()
    }),
    replace("reset-at-once", "The connection is reset after the request, without a response.", |_| {
        Script::raw().reset()
    }),
    replace("half-status-line", "The connection is closed in the middle of the status line.", |_| {
        Script::raw().piece("HTTP/1.1 20").cut()
    }),
    alter(
        "cut-after-head",
        "The connection is closed after the head, before the body.",
        |_, stream| stream.head.chunked().cut(),
        |_, plain| plain.with_declared_length(b"").cut(),
    ),
    alter(
        "reset-after-head",
        "The connection is reset after the head, before the body.",
        |_, stream| stream.head.chunked().reset(),
        |_, plain| plain.with_declared_length(b"").reset(),
    ),
    alter(
        "reset-after-events",
        "The connection is reset after N events. A plain body stops halfway.",
        |call, stream| stream.take(call.count()).reset(),
        |_, plain| {
            let half = plain.half();
            plain.with_declared_length(&half).reset()
        },
    )
    .number(3, 0, MANY),
    alter(
        "stale-connection",
        "The response is valid, and the connection is reset when the next request arrives on it.",
        |_, stream| stream.into_script().reset_on_next_request(),
        |_, plain| plain.into_script().reset_on_next_request(),
    )
    .harmless(),
    alter(
        "unannounced-close",
        "The response is valid, and the connection is closed after it without notice in a header.",
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
    alter(
        "announced-close",
        "The response is valid and announces the end of the connection with `connection: close`.",
        |_, stream| stream.into_script().header("connection", "close"),
        |_, plain| plain.into_script().header("connection", "close"),
    )
    .harmless(),
    replace("not-http", "Bytes of another protocol, as if another server listened on this port.", |_| {
        Script::raw().piece("SSH-2.0-OpenSSH_9.6\r\n")
    }),
    alter(
        "malformed-status-line",
        "The status line has no status.",
        |_, stream| corrupt_status_line(Response::Stream(stream)),
        |_, plain| corrupt_status_line(Response::Plain(plain)),
    ),
    alter(
        "malformed-header",
        "A header line without a colon.",
        |_, stream| add_header_without_colon(Response::Stream(stream)),
        |_, plain| add_header_without_colon(Response::Plain(plain)),
    ),
    alter(
        "malformed-chunk-size",
        "The size of the second chunk is not a number.",
        |_, stream| {
            let text: String = stream.events.iter().take(3).map(|event| close_event(event)).collect();
            first_chunk(&stream.head, &text).piece("zz\r\ndata: {}\n\n\r\n0\r\n\r\n")
        },
        |_, plain| {
            let half = String::from_utf8_lossy(&plain.half()).into_owned();
            first_chunk(&plain.head, &half).piece("zz\r\n{}\r\n0\r\n\r\n")
        },
    ),
    alter(
        "long-header",
        "A header line of N KiB before a valid response.",
        |call, stream| add_long_header(Response::Stream(stream), call.number),
        |call, plain| add_long_header(Response::Plain(plain), call.number),
    )
    .number(128, 1, 64 * KIB),
    alter(
        "many-headers",
        "N header lines before a valid response.",
        |call, stream| add_many_headers(Response::Stream(stream), call.number),
        |call, plain| add_many_headers(Response::Plain(plain), call.number),
    )
    .number(1000, 1, MANY),
    alter(
        "continue-flood",
        "A hundred `100 Continue` responses before the final one.",
        |_, stream| flood_with_continue(Response::Stream(stream)),
        |_, plain| flood_with_continue(Response::Plain(plain)),
    )
    .harmless(),
    alter(
        "http-1-0",
        "A response in HTTP/1.0, which has no chunks: the end of the connection ends it.",
        |_, stream| as_http_1_0(Response::Stream(stream)),
        |_, plain| as_http_1_0(Response::Plain(plain)),
    )
    .harmless(),
];
