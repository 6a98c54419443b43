//! Scripted responses.

use std::sync::Arc;
use std::time::Duration;

use crate::charge::Charge;

/// The exact bytes of a response, and what happens to the connection.
///
/// The sandbox's default responses are scripts, too, so a test can reproduce each of them.
///
/// ```
/// use botticelli_sandbox::Script;
///
/// let overloaded = Script::json(429, r#"{"error":"Model is overloaded"}"#).header("retry-after", "1");
/// let half_a_stream = Script::stream(200, "text/event-stream")
///     .piece("data: {\"choices\":[]}\n\n")
///     .cut();
/// # let _ = (overloaded, half_a_stream);
/// ```
#[derive(Clone, Debug)]
pub struct Script {
    action: Action,
    resets_on_next_request: bool,
    /// The generated response that the script sends.
    charge: Option<Charge>,
}

/// Action of a script after the request has been read.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Respond(ScriptedResponse),
    /// Bytes with their own status line, or without one.
    Raw(Vec<Step>),
    Hang,
    Close,
}

#[derive(Clone, Debug)]
pub(crate) struct ScriptedResponse {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// In the given order, including duplicates.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// A complete body, sent with its length.
    Whole(Arc<[u8]>),
    /// A body sent in chunks.
    Steps(Vec<Step>),
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Piece(Arc<[u8]>),
    Pause(Duration),
    Silence,
    Cut,
    Reset,
    Times(Arc<[u8]>, usize),
    Repeat(Arc<[u8]>),
}

impl Script {
    /// Returns a script with content type `application/json`. Text is sent verbatim, so it may be
    /// invalid JSON. A [`serde_json::Value`] is serialized.
    pub fn json(status: u16, body: impl Into<JsonText>) -> Self {
        Self::text(status, "application/json", body.into().0)
    }

    /// Returns a script with a complete body, sent with its `content-length`.
    pub fn text(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self::respond(status, content_type, Body::Whole(body.into().into()))
    }

    /// Returns a script with a complete event stream (200, `text/event-stream`), sent in one chunk.
    pub fn sse(body: impl Into<Vec<u8>>) -> Self {
        Self::stream(200, "text/event-stream").piece(body)
    }

    /// Returns a script with an empty chunked body. Add pieces, and optionally an abnormal ending
    /// such as [`cut`](Self::cut).
    pub fn stream(status: u16, content_type: impl Into<String>) -> Self {
        Self::respond(status, content_type, Body::Steps(Vec::new()))
    }

    /// Returns a script with raw bytes, empty at first. The pieces include the status line and are
    /// sent verbatim. Afterwards the connection closes. Use it for responses that are not valid
    /// HTTP.
    pub fn raw() -> Self {
        Self::from_action(Action::Raw(Vec::new()))
    }

    /// Returns a script that never responds. The connection stays open until the client
    /// disconnects.
    pub fn hang() -> Self {
        Self::from_action(Action::Hang)
    }

    /// Returns a script that closes the connection without a response.
    pub fn close() -> Self {
        Self::from_action(Action::Close)
    }

    /// Adds a separate HTTP chunk. An empty piece is skipped, because an empty chunk would end the
    /// body.
    ///
    /// A script with a complete body becomes chunked. [`hang`](Self::hang) and
    /// [`close`](Self::close) ignore pieces.
    pub fn piece(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Piece(bytes.into().into()))
    }

    /// Adds several separate chunks.
    pub fn pieces<P: Into<Vec<u8>>>(self, pieces: impl IntoIterator<Item = P>) -> Self {
        pieces.into_iter().fold(self, Self::piece)
    }

    /// Adds the same chunk `times` times, with the memory cost of one.
    pub fn piece_times(self, bytes: impl Into<Vec<u8>>, times: usize) -> Self {
        self.step(Step::Times(bytes.into().into(), times))
    }

    /// Adds a pause on the real clock. Keep it short: a test cannot advance that clock.
    pub fn pause(self, duration: Duration) -> Self {
        self.step(Step::Pause(duration))
    }

    /// Stops sending, but keeps the connection open until the client disconnects.
    pub fn silence(self) -> Self {
        self.step(Step::Silence)
    }

    /// Closes the connection at this point, without the final chunk.
    pub fn cut(self) -> Self {
        self.step(Step::Cut)
    }

    /// Resets the connection at this point: the client reads an error, not an end.
    pub fn reset(self) -> Self {
        self.step(Step::Reset)
    }

    /// Keeps the connection open after the response and resets it when the next request arrives,
    /// like a stale connection in a client's pool.
    pub fn reset_on_next_request(mut self) -> Self {
        self.resets_on_next_request = true;
        self
    }

    /// Repeats this chunk until the client disconnects.
    pub fn repeat(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Repeat(bytes.into().into()))
    }

    /// Adds a response header, written verbatim. It replaces a header that the sandbox would write
    /// (`content-type`, `content-length`, `transfer-encoding`, `connection`).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Action::Respond(response) = &mut self.action {
            response.headers.push((name.into(), value.into()));
        }
        self
    }

    pub(crate) fn action(&self) -> &Action {
        &self.action
    }

    /// Records the generated response that the script sends.
    pub(crate) fn with_charge(mut self, charge: Charge) -> Self {
        self.charge = Some(charge);
        self
    }

    pub(crate) fn charge(&self) -> Option<Charge> {
        self.charge
    }

    pub(crate) fn resets_on_next_request(&self) -> bool {
        self.resets_on_next_request
    }

    /// Returns the body and its type, if the body is complete.
    pub(crate) fn whole_body(&self) -> Option<(&[u8], &str)> {
        match &self.action {
            Action::Respond(ScriptedResponse { body: Body::Whole(bytes), content_type, .. }) => {
                Some((bytes, content_type))
            }
            _ => None,
        }
    }

    /// Returns the status of the response, or `None` if the script sends no regular response.
    pub(crate) fn status(&self) -> Option<u16> {
        match &self.action {
            Action::Respond(response) => Some(response.status),
            Action::Raw(_) | Action::Hang | Action::Close => None,
        }
    }

    fn respond(status: u16, content_type: impl Into<String>, body: Body) -> Self {
        let content_type = content_type.into();
        Self::from_action(Action::Respond(ScriptedResponse {
            status,
            content_type,
            headers: Vec::new(),
            body,
        }))
    }

    fn from_action(action: Action) -> Self {
        Self { action, resets_on_next_request: false, charge: None }
    }

    fn step(mut self, step: Step) -> Self {
        match &mut self.action {
            Action::Respond(response) => match &mut response.body {
                Body::Steps(steps) => steps.push(step),
                Body::Whole(bytes) => {
                    response.body = Body::Steps(vec![Step::Piece(Arc::clone(bytes)), step]);
                }
            },
            Action::Raw(steps) => steps.push(step),
            Action::Hang | Action::Close => {}
        }
        self
    }
}

impl ScriptedResponse {
    /// Returns the value that the script sets for a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// JSON text of a body: a serialized value, or verbatim text.
#[derive(Clone, Debug)]
pub struct JsonText(String);

impl From<&str> for JsonText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for JsonText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<serde_json::Value> for JsonText {
    fn from(value: serde_json::Value) -> Self {
        Self(value.to_string())
    }
}

impl From<&serde_json::Value> for JsonText {
    fn from(value: &serde_json::Value) -> Self {
        Self(value.to_string())
    }
}
