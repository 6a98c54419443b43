//! An answer, as it goes over the wire.

use std::time::Duration;

/// An answer, written down.
pub(crate) struct Answer {
    /// What is sent in one go, one after the other; head and framing included.
    pub(crate) writes: Vec<Vec<u8>>,
    /// How long to wait before each but the first.
    pub(crate) pause: Option<Duration>,
    /// The sum of its text.
    pub(crate) checksum: u32,
    /// In how many pieces the text comes.
    pub(crate) pieces: usize,
}

/// What the router's answers begin with.
fn head(content_type: &str, framing: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\n\
         content-type: {content_type}\r\n\
         {framing}\r\n\
         connection: keep-alive\r\n\
         date: Fri, 27 Jun 2025 09:21:53 GMT\r\n\
         access-control-allow-origin: *\r\n\
         access-control-expose-headers: X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,ETag\r\n\
         cache-control: no-cache\r\n\
         cross-origin-opener-policy: same-origin\r\n\
         referrer-policy: strict-origin-when-cross-origin\r\n\
         vary: Origin\r\n\
         x-inference-provider: groq\r\n\
         x-powered-by: huggingface-moon\r\n\
         x-request-id: Root=1-685e6321-19a9f8b6517b4ad02a8b5f3e\r\n\
         x-robots-tag: none\r\n\
         x-cache: Miss from cloudfront\r\n\
         \r\n"
    )
    .into_bytes()
}

impl Answer {
    /// A plain one.
    pub(crate) fn plain(text: &str, body: &str) -> Self {
        let mut write = head("application/json", &format!("content-length: {}", body.len()));
        write.extend_from_slice(body.as_bytes());
        Self { writes: vec![write], pause: None, checksum: crc32fast::hash(text.as_bytes()), pieces: 1 }
    }

    /// A streamed one, whose events make up these HTTP chunks; all of them are written in one go.
    pub(crate) fn streamed(pieces: &[String], chunks: impl IntoIterator<Item = String>) -> Self {
        let mut write = head("text/event-stream; charset=utf-8", "transfer-encoding: chunked");
        for chunk in chunks {
            write.extend(framed(&chunk));
        }
        write.extend_from_slice(b"0\r\n\r\n");
        Self {
            writes: vec![write],
            pause: None,
            checksum: crc32fast::hash(pieces.concat().as_bytes()),
            pieces: pieces.len(),
        }
    }

    /// A streamed one, each HTTP chunk in a write of its own, with a pause before it.
    pub(crate) fn written(pieces: &[String], chunks: Vec<String>, pause: Option<Duration>) -> Self {
        let all = Self::streamed(pieces, []);
        let mut writes = vec![head("text/event-stream; charset=utf-8", "transfer-encoding: chunked")];
        writes.extend(chunks.iter().map(|chunk| framed(chunk)));
        if let Some(last) = writes.last_mut() {
            last.extend_from_slice(b"0\r\n\r\n");
        }
        Self { writes, pause, ..all }
    }
}

fn framed(chunk: &str) -> Vec<u8> {
    format!("{:x}\r\n{chunk}\r\n", chunk.len()).into_bytes()
}
