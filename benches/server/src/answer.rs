//! An answer, as it goes over the wire.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// What every answer of the router says of itself.
const HEADERS: [(&str, &str); 12] = [
    ("date", "Fri, 27 Jun 2025 09:21:53 GMT"),
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,ETag"),
    ("cache-control", "no-cache"),
    ("cross-origin-opener-policy", "same-origin"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("vary", "Origin"),
    ("x-inference-provider", "groq"),
    ("x-powered-by", "huggingface-moon"),
    ("x-request-id", "Root=1-685e6321-19a9f8b6517b4ad02a8b5f3e"),
    ("x-robots-tag", "none"),
    ("x-cache", "Miss from cloudfront"),
];
const EVENTS: &str = "text/event-stream; charset=utf-8";

/// An answer, written down for both versions of HTTP.
pub(crate) struct Answer {
    /// What HTTP/1.1 sends in one go, one after the other; head and framing included.
    pub(crate) writes: Vec<Vec<u8>>,
    /// What HTTP/2 says before the body.
    pub(crate) headers: HeaderMap,
    /// The body, as HTTP/2 sends it: it frames these by itself.
    pub(crate) body: Vec<Bytes>,
    /// How long to wait before each write but the first, and before each part of the body.
    pub(crate) pause: Option<Duration>,
    /// The sum of its text.
    pub(crate) checksum: u32,
    /// In how many pieces the text comes.
    pub(crate) pieces: usize,
}

impl Answer {
    /// A plain one.
    pub(crate) fn plain(text: &str, body: &str) -> Self {
        let mut headers = headers("application/json");
        headers.insert(CONTENT_LENGTH, body.len().into());
        let mut write = head(&headers, "");
        write.extend_from_slice(body.as_bytes());
        Self {
            writes: vec![write],
            headers,
            body: vec![body.to_owned().into()],
            pause: None,
            checksum: crc32fast::hash(text.as_bytes()),
            pieces: 1,
        }
    }

    /// A streamed one, whose events make up these HTTP chunks; HTTP/1.1 writes all of them in one go.
    pub(crate) fn streamed(pieces: &[String], chunks: Vec<String>) -> Self {
        let all = Self::written(pieces, chunks, None);
        Self { writes: vec![all.writes.concat()], ..all }
    }

    /// A streamed one, each HTTP chunk in a write of its own, with a pause before it.
    pub(crate) fn written(pieces: &[String], chunks: Vec<String>, pause: Option<Duration>) -> Self {
        let headers = headers(EVENTS);
        let mut writes = vec![head(&headers, "transfer-encoding: chunked\r\n")];
        writes.extend(chunks.iter().map(|chunk| framed(chunk)));
        if let Some(last) = writes.last_mut() {
            last.extend_from_slice(b"0\r\n\r\n");
        }
        Self {
            writes,
            headers,
            body: chunks.into_iter().map(Bytes::from).collect(),
            pause,
            checksum: crc32fast::hash(pieces.concat().as_bytes()),
            pieces: pieces.len(),
        }
    }
}

fn headers(content_type: &'static str) -> HeaderMap {
    let given = HEADERS.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let mut headers = HeaderMap::from_iter(given);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers
}

/// What an answer of HTTP/1.1 begins with.
fn head(headers: &HeaderMap, framing: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n{framing}").into_bytes();
    for (name, value) in headers {
        head.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn framed(chunk: &str) -> Vec<u8> {
    format!("{:x}\r\n{chunk}\r\n", chunk.len()).into_bytes()
}
