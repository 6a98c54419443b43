//! Responses of a server as inputs of a target.
//!
//! The input resembles a response: a line with status and content type, header lines, an empty line, the body.
//! `{token}` is replaced by the token of the request, `{token-escaped}` by the token in JSON escapes. `{cut}` splits
//! the body into pieces.

use bytes::Bytes;
use http_body::{Body, Frame};
use reqwest::{ResponseBuilderExt, Url};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Response of the server.
#[derive(Clone)]
pub(crate) struct CannedAnswer {
    pub(crate) status: u16,
    headers: Vec<(String, Vec<u8>)>,
    pieces: VecDeque<Bytes>,
}

impl CannedAnswer {
    pub(crate) fn read(input: &[u8], token: &str) -> Option<Self> {
        let escaped: String = token.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        let input = replace(input, b"{token-escaped}", escaped.as_bytes());
        let input = replace(&input, b"{token}", token.as_bytes());
        let end = find(&input, b"\n\n").unwrap_or(input.len());
        let (head, body) = input.split_at(end);
        let mut head = head.split(|byte| *byte == b'\n');
        let first = std::str::from_utf8(head.next()?).ok()?;
        let (status, content_type) = first.split_once(' ').unwrap_or((first, ""));
        let status = status.parse().ok().filter(|status| (200..600).contains(status))?;
        let mut headers = vec![("content-type".to_owned(), content_type.into())];
        for line in head {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let value = line[colon + 1..].trim_ascii().to_vec();
            headers.push((String::from_utf8(line[..colon].to_vec()).ok()?, value));
        }
        let mut body = body.get(2..).unwrap_or_default();
        let mut pieces = VecDeque::new();
        while let Some(at) = find(body, b"{cut}") {
            pieces.push_back(Bytes::copy_from_slice(&body[..at]));
            body = &body[at + b"{cut}".len()..];
        }
        pieces.push_back(Bytes::copy_from_slice(body));
        let answer = Self { status, headers, pieces };
        answer.try_response(&Url::parse("http://127.0.0.1:9/").ok()?).is_some().then_some(answer)
    }

    fn try_response(&self, request_url: &Url) -> Option<reqwest::Response> {
        let mut response = http::Response::builder().status(self.status).url(request_url.clone());
        for (name, value) in &self.headers {
            response = response.header(name, value.as_slice());
        }
        let body = reqwest::Body::wrap(Pieces(self.pieces.clone()));
        response.body(body).ok().map(Into::into)
    }

    pub(crate) fn response(&self, request_url: &Url) -> reqwest::Response {
        self.try_response(request_url).expect("it was one when it was read")
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn replace(mut bytes: &[u8], part: &[u8], with: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    while let Some(at) = find(bytes, part) {
        replaced.extend_from_slice(&bytes[..at]);
        replaced.extend_from_slice(with);
        bytes = &bytes[at + part.len()..];
    }
    replaced.extend_from_slice(bytes);
    replaced
}

/// A complete body in pieces.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}
