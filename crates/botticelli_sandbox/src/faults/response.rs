//! The sandbox's own answer, taken apart so that it can be bent.

use serde_json::Value;

use crate::http;
use crate::script::{Action, Body, Script, ScriptedResponse, Step};

const DONE: &str = "[DONE]";

/// A complete answer of either form.
pub(super) enum Response {
    Plain(Plain),
    Stream(Stream),
}

/// A JSON answer: its head, and its body apart from it.
pub(super) struct Plain {
    pub(super) head: Head,
    pub(super) body: String,
}

/// A streamed answer: its head, and its events without what closes them.
pub(super) struct Stream {
    pub(super) head: Head,
    pub(super) events: Vec<String>,
}

/// Status, content type and headers.
pub(super) struct Head(ScriptedResponse);

impl Response {
    /// Takes an answer apart; a refusal is given back as it is.
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

/// Our own dialects close their events by a blank line; one leaves the last event open.
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
    /// The same head before a body that is known at once.
    pub(super) fn with_body(self, body: impl Into<Vec<u8>>) -> Script {
        let ScriptedResponse { status, content_type, headers, .. } = self.0;
        with_headers(Script::text(status, content_type, body), headers)
    }

    /// The same head before chunks that are still to come.
    pub(super) fn chunked(self) -> Script {
        let ScriptedResponse { status, content_type, headers, .. } = self.0;
        with_headers(Script::stream(status, content_type), headers)
    }

    /// The bytes of the head, for answers that bend it: without a length, chunked or not.
    pub(super) fn bytes(&self, is_chunked: bool) -> Vec<u8> {
        http::head(&self.0, is_chunked, false)
    }

    /// The same for a body that has this length, whatever it really has.
    pub(super) fn bytes_with_length(mut self, length: usize) -> Vec<u8> {
        self.0.headers.push(("content-length".to_owned(), length.to_string()));
        http::head(&self.0, false, false)
    }
}

fn with_headers(script: Script, headers: Vec<(String, String)>) -> Script {
    headers.into_iter().fold(script, |script, (name, value)| script.header(name, value))
}

impl Plain {
    /// As it would have been sent.
    pub(super) fn into_script(self) -> Script {
        self.head.with_body(self.body)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// With its JSON changed.
    pub(super) fn map_json(self, change: impl FnOnce(&mut Value)) -> Script {
        let mut json = self.json();
        change(&mut json);
        self.head.with_body(json.to_string())
    }

    /// The first half of the body.
    pub(super) fn half(&self) -> Vec<u8> {
        self.body.bytes().take(self.body.len() / 2).collect()
    }

    /// Bytes of the body under the length of the whole body, and whatever the script does then.
    pub(super) fn with_declared_length(self, bytes: &[u8]) -> Script {
        let length = self.body.len();
        Script::raw().piece(self.head.bytes_with_length(length)).piece(bytes)
    }

    /// Half the body, then the end of the connection: what a cut stream is to a plain call.
    pub(super) fn cut(self) -> Script {
        let half = self.half();
        self.with_declared_length(&half).cut()
    }

    /// Half the body as if it were the whole.
    pub(super) fn truncate(self) -> Script {
        let half = self.half();
        self.head.with_body(half)
    }
}

impl Stream {
    /// As it would have been sent.
    pub(super) fn into_script(self) -> Script {
        let Self { head, events } = self;
        head.chunked().pieces(events.iter().map(|event| close_event(event)))
    }

    /// All that would have been sent, in one.
    pub(super) fn text(&self) -> String {
        self.events.iter().map(|event| close_event(event)).collect()
    }

    /// With other events.
    pub(super) fn map_events(self, change: impl FnOnce(Vec<String>) -> Vec<String>) -> Script {
        let Self { head, events } = self;
        Self { head, events: change(events) }.into_script()
    }

    /// The first events only, at least none and at most all before the finishing one.
    pub(super) fn take(self, count: usize) -> Script {
        let count = count.min(self.finish_index());
        self.map_events(|mut events| {
            events.truncate(count);
            events
        })
    }

    /// With something between, behind that many events, or right before the finishing one.
    pub(super) fn insert(self, count: usize, events: impl IntoIterator<Item = String>) -> Script {
        let at = count.min(self.finish_index());
        self.map_events(|mut all| {
            all.splice(at..at, events);
            all
        })
    }

    /// The place of the first event that gives a finish reason.
    pub(super) fn finish_index(&self) -> usize {
        let finish_index = self.events.iter().position(|event| is_finish(&json(event)));
        finish_index.unwrap_or(self.events.len())
    }

    /// With every JSON event changed.
    pub(super) fn map_json(self, change: impl Fn(&mut Value)) -> Script {
        self.map_events(|events| events.iter().map(|event| change_json(event, &change)).collect())
    }
}

/// The data of an event.
pub(super) fn data(event: &str) -> &str {
    event.strip_prefix("data:").unwrap_or(event).trim_start()
}

/// The JSON of an event, null if it has none.
pub(super) fn json(event: &str) -> Value {
    serde_json::from_str(data(event)).unwrap_or_default()
}

/// An event with this data, not closed yet.
pub(super) fn event(data: impl std::fmt::Display) -> String {
    format!("data: {data}")
}

/// With the blank line that closes it.
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

/// Whether an event reports usage and nothing else.
pub(super) fn is_usage(json: &Value) -> bool {
    json.get("usage").is_some_and(Value::is_object) && json.pointer("/choices/0").is_none()
}

/// Changes the JSON of an event; `[DONE]` has none.
pub(super) fn change_json(one: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut json = json(one);
    if json.is_null() {
        return one.to_owned();
    }
    change(&mut json);
    event(json)
}
