//! Encoding of heads and chunks.

use super::reason::reason;
use crate::script::{Body, ScriptedResponse};

/// Returns the bytes as a chunk, or unchanged if the body is not chunked.
pub(crate) fn chunk(bytes: &[u8], is_chunked: bool) -> Vec<u8> {
    if !is_chunked {
        return bytes.to_vec();
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// Returns the status line and headers. Headers of the script replace the defaults.
pub(crate) fn head(response: &ScriptedResponse, is_chunked: bool, stays_open: bool) -> Vec<u8> {
    let mut lines = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    let mut push_default = |name: &str, value: &str| {
        if response.header(name).is_none() {
            push(&mut lines, name, value);
        }
    };
    push_default("content-type", &response.content_type);
    match &response.body {
        Body::Whole(bytes) => push_default("content-length", &bytes.len().to_string()),
        Body::Steps(_) if is_chunked => push_default("transfer-encoding", "chunked"),
        Body::Steps(_) => {}
    }
    if !stays_open {
        push_default("connection", "close");
    }
    for (name, value) in &response.headers {
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
