//! Default responses in parts, so that faults can alter them.

use serde_json::Value;

use crate::http;
use crate::script::{Action, Body, Script, ScriptedResponse, Step};

const DONE: &str = "[DONE]";

/// A complete response in either form.
pub(super) enum Response {
    Plain(Plain),
    Stream(Stream),
}

/// A JSON response.
pub(super) struct Plain {
    pub(super) head: Head,
    pub(super) body: String,
}

/// A streamed response. The events have no terminating blank lines.
pub(super) struct Stream {
    pub(super) head: Head,
    pub(super) events: Vec<String>,
}

/// Status, content type and headers.
pub(super) struct Head(ScriptedResponse);

impl Response {
    /// Takes a response apart. An error response is returned unchanged as the error.
    pub(super) fn parse(script: Script) -> Result<Self, Script> {
        let Action::Respond(response) = script.action() else {
            return Err(script);
        };
        if response.status != 200 {
            return Err(script);
        }
        let mut response = response.clone();
        let body = std::mem::replace(&mut response.body, Body::Steps(Vec::new()));
        let head = Head(response);
        Ok(match body {
            Body::Whole(bytes) => {
                Self::Plain(Plain { head, body: String::from_utf8_lossy(&bytes).into_owned() })
            }
            Body::Steps(steps) => Self::Stream(Stream { head, events: events(&steps) }),
        })
    }
}

/// Dialects terminate events with a blank line, except for the last event of one dialect.
fn events(steps: &[Step]) -> Vec<String> {
    let mut bytes = Vec::new();
    for step in steps {
        if let Step::Piece(piece) = step {
            bytes.extend_from_slice(piece);
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.split("\n\n").filter(|event| !event.is_empty()).map(str::to_owned).collect()
}

impl Head {
    /// Returns a script with this head and a complete body.
    pub(super) fn with_body(self, body: impl Into<Vec<u8>>) -> Script {
        let ScriptedResponse { status, content_type, headers, .. } = self.0;
        with_headers(Script::text(status, content_type, body), headers)
    }

    /// Returns a script with this head and an empty chunked body.
    pub(super) fn chunked(self) -> Script {
        let ScriptedResponse { status, content_type, headers, .. } = self.0;
        with_headers(Script::stream(status, content_type), headers)
    }

    /// Returns the bytes of the head, without a length.
    pub(super) fn bytes(&self, is_chunked: bool) -> Vec<u8> {
        http::head(&self.0, is_chunked, false)
    }

    /// Returns the bytes of the head with a declared length, which may be wrong.
    pub(super) fn bytes_with_length(mut self, length: usize) -> Vec<u8> {
        self.0.headers.push(("content-length".to_owned(), length.to_string()));
        http::head(&self.0, false, false)
    }
}

fn with_headers(script: Script, headers: Vec<(String, String)>) -> Script {
    headers.into_iter().fold(script, |script, (name, value)| script.header(name, value))
}

impl Plain {
    /// Returns the unchanged response.
    pub(super) fn into_script(self) -> Script {
        self.head.with_body(self.body)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Returns the response with altered JSON.
    pub(super) fn map_json(self, change: impl FnOnce(&mut Value)) -> Script {
        let mut json = self.json();
        change(&mut json);
        self.head.with_body(json.to_string())
    }

    /// Returns the first half of the body.
    pub(super) fn half(&self) -> Vec<u8> {
        self.body.bytes().take(self.body.len() / 2).collect()
    }

    /// Returns a raw script that declares the length of the full body but sends these bytes.
    pub(super) fn with_declared_length(self, bytes: &[u8]) -> Script {
        let length = self.body.len();
        Script::raw().piece(self.head.bytes_with_length(length)).piece(bytes)
    }

    /// Sends half of the body and closes the connection. Matches a cut stream.
    pub(super) fn cut(self) -> Script {
        let half = self.half();
        self.with_declared_length(&half).cut()
    }

    /// Sends half of the body as if it were complete.
    pub(super) fn truncate(self) -> Script {
        let half = self.half();
        self.head.with_body(half)
    }
}

impl Stream {
    /// Returns the unchanged response.
    pub(super) fn into_script(self) -> Script {
        let Self { head, events } = self;
        head.chunked().pieces(events.iter().map(|event| close_event(event)))
    }

    /// Returns the text of all events.
    pub(super) fn text(&self) -> String {
        self.events.iter().map(|event| close_event(event)).collect()
    }

    /// Returns the response with altered events.
    pub(super) fn map_events(self, change: impl FnOnce(Vec<String>) -> Vec<String>) -> Script {
        let Self { head, events } = self;
        Self { head, events: change(events) }.into_script()
    }

    /// Returns the response with the first `count` events, at most up to the finish reason.
    pub(super) fn take(self, count: usize) -> Script {
        let count = count.min(self.finish_index());
        self.map_events(|mut events| {
            events.truncate(count);
            events
        })
    }

    /// Inserts events after `count` events, at the latest before the finish reason.
    pub(super) fn insert(self, count: usize, events: impl IntoIterator<Item = String>) -> Script {
        let at = count.min(self.finish_index());
        self.map_events(|mut all| {
            all.splice(at..at, events);
            all
        })
    }

    /// Returns the index of the first event with a finish reason.
    pub(super) fn finish_index(&self) -> usize {
        let finish_index = self.events.iter().position(|event| is_finish(&json(event)));
        finish_index.unwrap_or(self.events.len())
    }

    /// Returns the response with altered JSON in every event.
    pub(super) fn map_json(self, change: impl Fn(&mut Value)) -> Script {
        self.map_events(|events| events.iter().map(|event| change_json(event, &change)).collect())
    }
}

/// Returns the data of an event.
pub(super) fn data(event: &str) -> &str {
    event.strip_prefix("data:").unwrap_or(event).trim_start()
}

/// Returns the JSON of an event, or null if it has none.
pub(super) fn json(event: &str) -> Value {
    serde_json::from_str(data(event)).unwrap_or_default()
}

/// Returns an event with this data, without its terminating blank line.
pub(super) fn event(data: impl std::fmt::Display) -> String {
    format!("data: {data}")
}

/// Terminates an event with a blank line.
pub(super) fn close_event(event: &str) -> String {
    format!("{event}\n\n")
}

pub(super) fn is_done(event: &str) -> bool {
    data(event) == DONE
}

pub(super) fn done_event() -> String {
    event(DONE)
}

pub(super) fn is_finish(json: &Value) -> bool {
    json.pointer("/choices/0/finish_reason").and_then(Value::as_str).is_some_and(|word| !word.is_empty())
}

/// Returns whether an event contains only usage.
pub(super) fn is_usage(json: &Value) -> bool {
    json.get("usage").is_some_and(Value::is_object) && json.pointer("/choices/0").is_none()
}

/// Alters the JSON of an event. `[DONE]` stays unchanged.
pub(super) fn change_json(one: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut json = json(one);
    if json.is_null() {
        return one.to_owned();
    }
    change(&mut json);
    event(json)
}
