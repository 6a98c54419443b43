//! The response with the content of a file, or with a range of it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use super::fault::{HubEffect, HubFault};
use crate::error_response;
use crate::http::Request;
use crate::script::Script;

/// Returns the response with `content`, whose entity tag is `tag`.
pub(super) fn content(
    request: &Request,
    content: &[u8],
    tag: &str,
    headers: &[(&str, String)],
    fault: Option<HubFault>,
) -> Script {
    let effect = fault.map(|fault| fault.definition.effect);
    let number = fault.map(|fault| fault.number()).unwrap_or_default();
    match effect {
        Some(HubEffect::Expired) => return expired(),
        Some(HubEffect::Status) => return status(number),
        _ => {}
    }
    let tag = if effect == Some(HubEffect::ChangedTag) { "\"another-content\"" } else { tag };
    let mut content = Cow::Borrowed(content);
    if effect == Some(HubEffect::CorruptByte)
        && let Some(byte) = usize::try_from(number).ok().and_then(|at| content.to_mut().get_mut(at))
    {
        *byte = !*byte;
    }
    let size = content.len();
    let has_condition = request.header("if-range").is_none_or(|condition| condition == tag)
        || effect == Some(HubEffect::ChangedTag);
    let is_ignored = effect == Some(HubEffect::NoRanges) || !has_condition;
    let range = request.header("range").filter(|_| !is_ignored).and_then(|range| parse(range, size));
    let mut extra: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    extra.push(("etag".to_owned(), tag.to_owned()));
    extra.push(("accept-ranges".to_owned(), "bytes".to_owned()));
    let (status, mut body) = match range {
        Some((start, _)) if start >= size => {
            return Script::text(416, "text/plain", "").header("content-range", format!("bytes */{size}"));
        }
        Some((start, end)) => {
            let shift = usize::from(effect == Some(HubEffect::WrongRange));
            let (start, end) = ((start + shift).min(size), (end + shift).min(size));
            let value = format!("bytes {start}-{}/{size}", end.saturating_sub(1));
            extra.push(("content-range".to_owned(), value));
            (206, content.get(start..end).unwrap_or_default().to_vec())
        }
        None => (200, content.into_owned()),
    };
    if effect == Some(HubEffect::TooLong) {
        body.extend_from_slice(b"more than stated");
    }
    if effect == Some(HubEffect::Compressed) {
        extra.push(("content-encoding".to_owned(), "zstd".to_owned()));
    }
    send(status, body, &extra, effect, number)
}

fn send(
    status: u16,
    body: Vec<u8>,
    headers: &[(String, String)],
    effect: Option<HubEffect>,
    number: u64,
) -> Script {
    let kind = "application/octet-stream";
    let with_headers =
        |script: Script| headers.iter().fold(script, |script, (name, value)| script.header(name, value));
    let first = || {
        let end = usize::try_from(number).unwrap_or(usize::MAX).min(body.len());
        body.get(..end).unwrap_or_default().to_vec()
    };
    match effect {
        Some(HubEffect::CutAfter) => Script::raw().piece(head(status, &body, headers)).piece(first()).cut(),
        Some(HubEffect::Silence) => {
            Script::raw().piece(head(status, &body, headers)).piece(first()).silence()
        }
        Some(HubEffect::Slow) => {
            let script = Script::raw().piece(head(status, &body, headers));
            body.chunks((body.len() / 10).max(1))
                .fold(script, |script, piece| script.pause(Duration::from_millis(number)).piece(piece))
        }
        Some(HubEffect::NoLength) => with_headers(Script::stream(status, kind).piece(body)),
        _ => with_headers(Script::text(status, kind, body)),
    }
}

/// Returns the head of a response with the length of the whole body, of which only a part follows.
fn head(status: u16, body: &[u8], headers: &[(String, String)]) -> String {
    let mut head = format!("HTTP/1.1 {status} OK\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    for (name, value) in headers {
        // Writing to a `String` cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    head
}

/// Parses `bytes=START-END` or `bytes=START-`. The end of the result is not included.
fn parse(range: &str, size: usize) -> Option<(usize, usize)> {
    let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
    let start: usize = start.parse().ok()?;
    let end = if end.is_empty() { size } else { end.parse::<usize>().ok()?.saturating_add(1).min(size) };
    Some((start, end))
}

/// Returns the refusal of an object store for an address whose signature has expired.
fn expired() -> Script {
    let body = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    Script::text(403, "application/xml", body)
}

/// Returns a response with this status.
pub(super) fn status(number: u64) -> Script {
    let status = u16::try_from(number).unwrap_or(500);
    error_response::plain(status, "A fault of the sandbox")
}
