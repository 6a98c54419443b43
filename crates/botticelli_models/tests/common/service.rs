//! A service on loopback with a response for each path: the router, a provider and the Hub in one.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A status that stands for a response that never arrives.
pub(crate) const HANG: u16 = 0;

/// A service that runs until it is dropped. The response for any other path is 404.
pub(crate) struct Service {
    origin: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    answers: Vec<(String, u16, String)>,
    received: Vec<Received>,
}

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// As `GET /v1/models`, with the query.
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }
}

impl Service {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, shared.clone()));
            }
        });
        Self { origin, state, task }
    }

    /// Sets the response for requests that start with `line`, such as `GET /v1/models`. The last setting applies.
    pub(crate) fn on(&self, line: &str, status: u16, body: impl Into<Body>) -> &Self {
        self.state.lock().unwrap().answers.insert(0, (line.to_owned(), status, body.into().0));
        self
    }

    /// Responds to every chat request with "ok".
    pub(crate) fn chatting(&self) -> &Self {
        self.on("POST /", 200, json!({"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}]}))
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    /// The lines of all that came in, in order.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.received().into_iter().map(|received| received.line).collect()
    }

    /// Returns the last request.
    pub(crate) fn last(&self) -> Received {
        self.received().pop().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut bytes = Vec::new();
    let received = loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        bytes.extend(piece.iter().take(read));
        if let Some(received) = parse(&bytes) {
            break received;
        }
    };
    let answer = {
        let mut state = state.lock().unwrap();
        let answer = state.answers.iter().find(|(line, ..)| received.line.starts_with(line)).cloned();
        state.received.push(received);
        answer.unwrap_or((String::new(), 404, r#"{"error":"Not found"}"#.to_owned()))
    };
    let (_, status, body) = answer;
    if status == HANG {
        return std::future::pending().await;
    }
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A request, once it is there as a whole.
fn parse(bytes: &[u8]) -> Option<Received> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let line = lines.next()?.rsplit_once(' ')?.0.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse::<usize>().unwrap());
    (body.len() >= length).then(|| Received {
        line,
        headers,
        body: serde_json::from_str(body).unwrap_or_default(),
    })
}

/// A body: JSON, or text as it stands.
pub(crate) struct Body(String);

impl From<Value> for Body {
    fn from(json: Value) -> Self {
        Self(json.to_string())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Starts a server that answers every request with these bytes, and returns its origin. It runs until the runtime ends.
pub(crate) async fn always(response: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4_096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(response.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    origin
}
