//! What goes onto the wire, and how it ends.

use std::sync::Arc;
use std::time::Duration;

/// An answer, byte for byte, and what happens to the connection.
///
/// The sandbox's own answers are scripts as well: whatever it can say, a test can say, and
/// whatever bends scripts bends every answer.
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
    goes_stale: bool,
}

/// What a script does after the request has been read.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Respond(ScriptedResponse),
    /// Bytes that bring their own status line, or none.
    Raw(Vec<Step>),
    Hang,
    Close,
}

#[derive(Clone, Debug)]
pub(crate) struct ScriptedResponse {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// In the order given, duplicates kept.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// Sent at once, with its length in front.
    Whole(Arc<[u8]>),
    /// Sent chunk by chunk.
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
    /// An answer of the content type `application/json`. Text is sent as it stands, so that it
    /// may also be broken; a [`serde_json::Value`] is written out.
    pub fn json(status: u16, body: impl Into<JsonText>) -> Self {
        Self::text(status, "application/json", body.into().0)
    }

    /// Any answer that is known at once, sent with its `content-length`.
    pub fn text(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self::respond(status, content_type, Body::Whole(body.into().into()))
    }

    /// A complete event stream (200, `text/event-stream`), chunked, in one piece.
    pub fn sse(body: impl Into<Vec<u8>>) -> Self {
        Self::stream(200, "text/event-stream").piece(body)
    }

    /// A chunked answer, empty so far: add pieces, and an ending if it shall not end well.
    pub fn stream(status: u16, content_type: impl Into<String>) -> Self {
        Self::respond(status, content_type, Body::Steps(Vec::new()))
    }

    /// Bytes as they stand, the status line included, empty so far. Nothing is added to them, and
    /// the connection is closed after them: for answers that are no HTTP, or not quite.
    pub fn raw() -> Self {
        Self::from_action(Action::Raw(Vec::new()))
    }

    /// Reads the request and never answers; the connection stays open until the client leaves.
    pub fn hang() -> Self {
        Self::from_action(Action::Hang)
    }

    /// Reads the request and closes the connection without a word.
    pub fn close() -> Self {
        Self::from_action(Action::Close)
    }

    /// One more HTTP chunk, sent on its own. An empty one is left out, because on the wire it
    /// would mean the end.
    ///
    /// A script that had its whole body at once becomes a chunked one. A script that does not
    /// answer at all ([`hang`](Self::hang), [`close`](Self::close)) stays as it is.
    pub fn piece(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Piece(bytes.into().into()))
    }

    /// Several chunks, each sent on its own.
    pub fn pieces<P: Into<Vec<u8>>>(self, pieces: impl IntoIterator<Item = P>) -> Self {
        pieces.into_iter().fold(self, Self::piece)
    }

    /// The same chunk so many times, at the cost of one in memory.
    pub fn piece_times(self, bytes: impl Into<Vec<u8>>, times: usize) -> Self {
        self.step(Step::Times(bytes.into().into(), times))
    }

    /// Waits on the real clock before it goes on. Keep it short: no test can wind that clock.
    pub fn pause(self, duration: Duration) -> Self {
        self.step(Step::Pause(duration))
    }

    /// Stops sending, but keeps the connection open until the client leaves.
    pub fn silence(self) -> Self {
        self.step(Step::Silence)
    }

    /// Closes the connection here, without the chunk that would say that all is complete.
    pub fn cut(self) -> Self {
        self.step(Step::Cut)
    }

    /// Resets the connection here: the client reads an error, not an end.
    pub fn reset(self) -> Self {
        self.step(Step::Reset)
    }

    /// Keeps the connection after the answer as if it were good for more, and resets it as soon
    /// as another request arrives on it: the stale connection that every pool meets one day.
    pub fn going_stale(mut self) -> Self {
        self.goes_stale = true;
        self
    }

    /// Sends these bytes as chunk after chunk, for ever, until the client leaves.
    pub fn repeat(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Repeat(bytes.into().into()))
    }

    /// One more response header, written as it stands. A header that the sandbox writes by
    /// itself (`content-type`, `content-length`, `transfer-encoding`, `connection`) is replaced.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Action::Respond(response) = &mut self.action {
            response.headers.push((name.into(), value.into()));
        }
        self
    }

    pub(crate) fn action(&self) -> &Action {
        &self.action
    }

    pub(crate) fn goes_stale(&self) -> bool {
        self.goes_stale
    }

    /// The status that a client will see, unless the script says something of its own.
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
        Self { action, goes_stale: false }
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
    /// The value that the script itself gave to a header, by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The text of a JSON body: a value written out, or text as it stands.
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
