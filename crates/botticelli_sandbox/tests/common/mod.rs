//! Byte-level HTTP client, so that tests see the exact bytes on the wire.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "each test file uses a part of this module, and a failed helper fails the test"
)]

use std::time::Duration;

use botticelli_sandbox::{Dialect, Sandbox, SandboxBuilder, Script};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const MODEL: &str = "openai/gpt-oss-20b";

/// A response in its parts and as raw bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) raw: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The HTTP chunks of a chunked response.
    pub(crate) chunks: Vec<String>,
    /// True if the response ended as its framing requires.
    pub(crate) is_complete: bool,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Returns the data of all events except `[DONE]`.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.text()
            .split("\n\n")
            .filter_map(|event| event.strip_prefix("data:"))
            .filter(|data| data.trim() != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    /// Returns the concatenated text of all deltas.
    pub(crate) fn streamed_text(&self) -> String {
        self.deltas().concat()
    }

    /// Returns the text of every delta with text.
    pub(crate) fn deltas(&self) -> Vec<String> {
        self.events()
            .iter()
            .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
            .filter(|text| !text.is_empty() && *text != "</s>")
            .map(str::to_owned)
            .collect()
    }

    /// Returns the only finish reason of a stream and its event.
    pub(crate) fn finish(&self) -> (String, Value) {
        let mut finishing = self.events().into_iter().filter_map(|event| {
            let reason = event["choices"][0]["finish_reason"].as_str()?.to_owned();
            Some((reason, event))
        });
        let finish = finishing.next().unwrap();
        assert_eq!(finishing.next(), None);
        finish
    }

    /// Returns the first choice of a plain response.
    pub(crate) fn choice(&self) -> Value {
        self.json()["choices"][0].clone()
    }

    /// Returns the tool call fragments of all events.
    pub(crate) fn call_fragments(&self) -> Vec<Value> {
        let calls = |event: &Value| event["choices"][0]["delta"]["tool_calls"].as_array().cloned();
        self.events().iter().filter_map(calls).flatten().collect()
    }

    /// Returns the text of a plain response.
    pub(crate) fn content(&self) -> String {
        self.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    }
}

pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(sandbox: &Sandbox) -> Self {
        let address = sandbox.origin().strip_prefix("http://").unwrap();
        Self { stream: TcpStream::connect(address).await.unwrap(), buffer: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads and returns `count` bytes.
    pub(crate) async fn receive(&mut self, count: usize) -> Vec<u8> {
        while self.buffer.len() < count {
            assert!(self.fill().await, "the connection ended");
        }
        self.buffer.drain(..count).collect()
    }

    /// Reads and returns everything up to and including `end`.
    pub(crate) async fn receive_until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            let found = self.buffer.windows(end.len()).position(|seen| seen == end);
            if let Some(at) = found {
                return self.receive(at + end.len()).await;
            }
            assert!(self.fill().await, "the connection ended");
        }
    }

    /// Reads until the connection ends.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.fill().await {}
        std::mem::take(&mut self.buffer)
    }

    /// Reads one response by its framing.
    pub(crate) async fn response(&mut self) -> Response {
        let head = String::from_utf8(self.receive_until(b"\r\n\r\n").await).unwrap();
        let mut response = parse_head(&head);
        if let Some(length) = response.header("content-length") {
            let length = length.parse().unwrap();
            response.body = self.receive(length).await;
            response.raw.extend_from_slice(&response.body);
        } else if response.header("transfer-encoding") == Some("chunked") {
            self.read_chunks(&mut response).await;
        } else {
            response.body = self.rest().await;
            response.raw.extend_from_slice(&response.body);
        }
        response
    }

    async fn read_chunks(&mut self, response: &mut Response) {
        response.is_complete = false;
        loop {
            while !self.buffer.windows(2).any(|pair| pair == b"\r\n") {
                if !self.fill().await {
                    return;
                }
            }
            let line = self.receive_until(b"\r\n").await;
            let size = std::str::from_utf8(&line).unwrap().trim().to_owned();
            let size = usize::from_str_radix(&size, 16).unwrap();
            let data = self.receive(size + 2).await;
            response.raw.extend_from_slice(&line);
            response.raw.extend_from_slice(&data);
            if size == 0 {
                response.is_complete = true;
                return;
            }
            response.body.extend_from_slice(&data[..size]);
            let chunk = String::from_utf8_lossy(&data[..size]).into_owned();
            response.chunks.push(chunk);
        }
    }

    async fn fill(&mut self) -> bool {
        // A reset counts as an end: the operating system decides between the two.
        let read = self.stream.read_buf(&mut self.buffer);
        with_timeout(read).await.unwrap_or(0) > 0
    }
}

fn parse_head(head: &str) -> Response {
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap().strip_prefix("HTTP/1.1 ").unwrap();
    Response {
        raw: head.as_bytes().to_vec(),
        status: status.get(..3).unwrap().parse().unwrap(),
        headers: lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: Vec::new(),
        chunks: Vec::new(),
        is_complete: true,
    }
}

/// Fails the test instead of hanging. A passing test never waits for this limit.
pub(crate) async fn with_timeout<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(30);
    tokio::time::timeout(limit, future).await.unwrap()
}

/// Returns a request with the default token.
pub(crate) fn post(path: &str, body: &str) -> String {
    post_as(path, Some(Sandbox::TOKEN), body)
}

pub(crate) fn post_as(path: &str, token: Option<&str>, body: &str) -> String {
    let authorization = token.map_or(String::new(), |token| format!("authorization: Bearer {token}\r\n"));
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: sandbox\r\n{authorization}content-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: sandbox\r\n\r\n")
}

/// Returns a valid chat request.
pub(crate) fn hello() -> Value {
    json!({ "model": MODEL, "messages": [{ "role": "user", "content": "Hello, sandbox!" }] })
}

/// Returns a valid chat request with these fields added or replaced.
pub(crate) fn hello_with(fields: Value) -> Value {
    let mut request = hello();
    let Value::Object(fields) = fields else {
        return request;
    };
    for (name, value) in fields {
        request[name] = value;
    }
    request
}

/// Returns the request with streaming.
pub(crate) fn streaming(mut request: Value) -> Value {
    request["stream"] = Value::Bool(true);
    request
}

/// Returns messages with a single user message.
pub(crate) fn user_message(text: &str) -> Value {
    json!([{ "role": "user", "content": text }])
}

/// Sends a request on a new connection and reads the response.
pub(crate) async fn exchange(sandbox: &Sandbox, request: impl AsRef<[u8]>) -> Response {
    let mut client = Client::connect(sandbox).await;
    client.send(request).await;
    client.response().await
}

pub(crate) async fn chat(sandbox: &Sandbox, body: &Value) -> Response {
    exchange(sandbox, post(CHAT, &body.to_string())).await
}

pub(crate) async fn with_dialect(dialect: Dialect) -> Sandbox {
    Sandbox::builder().with_dialect(dialect).start().await.unwrap()
}

/// Starts a sandbox with these scripts for chat calls.
pub(crate) async fn with_scripts(scripts: impl IntoIterator<Item = Script>) -> Sandbox {
    scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap()
}
