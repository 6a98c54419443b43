//! Bytes that do not match the declared encoding.

use crate::faults::call::Call;
use crate::faults::definition::Definition;
use crate::faults::group::FaultGroup;
use crate::faults::gzip::gzip;
use crate::faults::response::{Plain, Stream};
use crate::script::Script;

/// An event with Latin-1 text.
const LATIN_1: &[u8] = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Voil\xe0\"}}]}\n\n";

const fn encode(
    name: &'static str,
    description: &'static str,
    stream: fn(&Call<'_>, Stream) -> Script,
    plain: fn(&Call<'_>, Plain) -> Script,
) -> Definition {
    Definition::alter(FaultGroup::Encoding, name, description, stream, plain)
}

/// Inserts a byte that is invalid in UTF-8 into the first text.
fn not_utf8(text: &str) -> Vec<u8> {
    let at = text.find("content\":\"").map_or(text.len() / 4, |at| at + "content\":\"".len());
    let mut bytes = text.as_bytes().to_vec();
    bytes.insert(at, 0xff);
    bytes
}

/// Encodes text as UTF-16 with a byte order mark.
fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

pub(super) static ALL: &[Definition] = &[
    encode(
        "not-utf8",
        "A byte that is invalid in UTF-8 in the first text.",
        |_, stream| {
            let text = not_utf8(&stream.text());
            stream.head.chunked().piece(text)
        },
        |_, plain| {
            let bytes = not_utf8(&plain.body);
            plain.head.with_body(bytes)
        },
    ),
    encode(
        "latin-1-event",
        "An additional event in Latin-1 after some events.",
        |_, stream| {
            let Stream { head, events } = stream;
            let (first, rest) = events.split_at(events.len().min(3));
            let closed = |event: &String| format!("{event}\n\n");
            head.chunked().pieces(first.iter().map(closed)).piece(LATIN_1).pieces(rest.iter().map(closed))
        },
        |_, plain| {
            let bytes = not_utf8(&plain.body);
            plain.head.with_body(bytes)
        },
    ),
    encode(
        "utf-16",
        "The whole response in UTF-16, which the content type does not declare.",
        |_, stream| {
            let text = utf16(&stream.text());
            stream.head.chunked().piece(text)
        },
        |_, plain| {
            let bytes = utf16(&plain.body);
            plain.head.with_body(bytes)
        },
    ),
    encode(
        "gzip-unasked",
        "The response with `content-encoding: gzip`, even if the client did not accept it.",
        |_, stream| {
            let bytes = gzip(stream.text().as_bytes());
            stream.head.chunked().header("content-encoding", "gzip").piece(bytes)
        },
        |_, plain| {
            let bytes = gzip(plain.body.as_bytes());
            plain.head.with_body(bytes).header("content-encoding", "gzip")
        },
    ),
    encode(
        "gzip-in-name-only",
        "`content-encoding: gzip` with an uncompressed body.",
        |_, stream| stream.into_script().header("content-encoding", "gzip"),
        |_, plain| plain.into_script().header("content-encoding", "gzip"),
    ),
];
