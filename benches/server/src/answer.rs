//! A response as bytes on the wire.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// Headers of every response of the router.
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

/// A prepared response for both versions of HTTP.
pub(crate) struct Answer {
    /// Writes of HTTP/1.1, including head and framing.
    pub(crate) writes: Vec<Vec<u8>>,
    /// Headers for HTTP/2.
    pub(crate) headers: HeaderMap,
    /// Parts of the body for HTTP/2, which frames them itself.
    pub(crate) body: Vec<Bytes>,
    /// Pause before each write except the first, and before each part of the body.
    pub(crate) pause: Option<Duration>,
    /// Checksum of the text.
    pub(crate) checksum: u32,
    /// Number of pieces of the text.
    pub(crate) pieces: usize,
}

impl Answer {
    /// Prepares a plain response.
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

    /// Prepares a stream with these HTTP chunks, all in one write.
    pub(crate) fn streamed(pieces: &[String], chunks: Vec<String>) -> Self {
        let all = Self::written(pieces, chunks, None);
        Self { writes: vec![all.writes.concat()], ..all }
    }

    /// Prepares a stream with one write per HTTP chunk, and a pause before each.
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
    let fields =
        HEADERS.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let mut headers = HeaderMap::from_iter(fields);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers
}

/// Returns the head of an HTTP/1.1 response.
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
