//! How heads and chunks look on the wire.

use super::reason::reason;
use crate::script::{Answer, Body};

/// The bytes as a chunk, or as they are.
pub(crate) fn chunk(bytes: &[u8], is_chunked: bool) -> Vec<u8> {
    if !is_chunked {
        return bytes.to_vec();
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// The status line and the headers, the script's own winning over ours.
pub(crate) fn head(answer: &Answer, is_chunked: bool, stays_open: bool) -> Vec<u8> {
    let mut lines = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    let mut ours = |name: &str, value: &str| {
        if answer.header(name).is_none() {
            push(&mut lines, name, value);
        }
    };
    ours("content-type", &answer.content_type);
    match &answer.body {
        Body::Whole(bytes) => ours("content-length", &bytes.len().to_string()),
        Body::Steps(_) if is_chunked => ours("transfer-encoding", "chunked"),
        Body::Steps(_) => {}
    }
    if !stays_open {
        ours("connection", "close");
    }
    for (name, value) in &answer.headers {
        push(&mut lines, name, value);
    }
    lines.push_str("\r\n");
    lines.into_bytes()
}

fn push(lines: &mut String, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        lines.push_str(part);
    }
}
