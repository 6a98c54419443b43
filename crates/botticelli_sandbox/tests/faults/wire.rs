//! All bytes of a connection and the way it ends.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failed helper fails the test"
)]

use std::io::ErrorKind;
use std::time::Duration;

use botticelli_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{CHAT, hello_with, with_timeout};

/// Number of bytes to read from an endless response.
const ENDLESS_LIMIT: usize = 64 * 1024;

/// Wait for bytes that the operating system still holds when a connection falls silent.
const SILENT_DELAY: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed,
    Reset,
    /// Still open after the limit, or silent.
    Open,
}

#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
}

impl Wire {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Returns the body, with its chunks joined as far as they are valid.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut start = 0;
        loop {
            let head_end = find(&self.bytes[start..], b"\r\n\r\n").unwrap() + start;
            let head = String::from_utf8_lossy(&self.bytes[start..head_end]).to_lowercase();
            start = head_end + 4;
            if head.contains(" 100 continue") {
                continue;
            }
            let rest = &self.bytes[start..];
            return if head.contains("transfer-encoding: chunked") { joined(rest) } else { rest.to_vec() };
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|seen| seen == what)
}

fn joined(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = find(bytes.get(..20).unwrap_or(bytes), b"\r\n") {
        let Ok(size) = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16) else { break };
        bytes = &bytes[end + 2..];
        body.extend_from_slice(bytes.get(..size).unwrap_or(bytes));
        let Some(rest) = bytes.get(size + 2..) else { break };
        bytes = rest;
    }
    body
}

/// Returns a request body for a plain or streamed call.
pub(crate) fn call(streamed: bool) -> Value {
    if streamed {
        hello_with(json!({ "stream": true, "stream_options": { "include_usage": true } }))
    } else {
        hello_with(json!({}))
    }
}

/// Returns the bytes that a sandbox with this fault sends.
pub(crate) async fn wire(fault: Fault, streamed: bool) -> Wire {
    let sandbox = Sandbox::builder().on_chat(fault).start().await.unwrap();
    let name = fault.name();
    let is_endless =
        name.ends_with("for-ever") || name.starts_with("endless") || name == "comments-after-done";
    let limit = if is_endless && name != "endless-headers" { ENDLESS_LIMIT } else { usize::MAX };
    call_and_read_up_to(limit, &sandbox, &call(streamed)).await
}

pub(crate) async fn call_and_read(sandbox: &Sandbox, body: &Value) -> Wire {
    call_and_read_up_to(usize::MAX, sandbox, body).await
}

async fn call_and_read_up_to(limit: usize, sandbox: &Sandbox, body: &Value) -> Wire {
    let body = body.to_string();
    let mut stream = TcpStream::connect(sandbox.origin().strip_prefix("http://").unwrap()).await.unwrap();
    let (token, length) = (Sandbox::TOKEN, body.len());
    let request = format!(
        "POST {CHAT} HTTP/1.1\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let mut silent = false;
    loop {
        let read = tokio::select! {
            biased;
            read = stream.read_buf(&mut bytes) => Some(read),
            () = sandbox.silent(), if !silent => {
                silent = true;
                continue;
            }
            () = tokio::time::sleep(SILENT_DELAY), if silent => None,
            () = with_timeout(std::future::pending::<()>()) => None,
        };
        let end = match read {
            Some(Ok(0)) => End::Closed,
            Some(Ok(_)) if bytes.len() < limit => continue,
            Some(Ok(_)) | None => End::Open,
            Some(Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset);
                End::Reset
            }
        };
        return Wire { bytes, end };
    }
}
