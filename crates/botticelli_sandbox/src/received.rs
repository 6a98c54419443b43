//! What a client sent.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::arrivals::Arrival;
use crate::faults::Fault;
use crate::http::Request;
use crate::router::Reply;

/// Headers whose value is a secret. Their names are public knowledge, their values are not.
const SECRET: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-api-key"];

/// A request as the sandbox received it, its secrets masked.
#[derive(Clone)]
pub struct ReceivedRequest {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    token: Option<String>,
    text: String,
    body: Value,
    arrival: Arrival,
    status: Option<u16>,
    fault: Option<Fault>,
    hung_up: bool,
}

impl ReceivedRequest {
    pub(crate) fn new(request: &Request, reply: &Reply, arrival: Arrival) -> Self {
        Self {
            method: request.method.clone(),
            path: request.target.clone(),
            headers: request
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), mask_secret(name, value)))
                .collect(),
            token: request.bearer().map(str::to_owned),
            text: String::from_utf8_lossy(&request.body).into_owned(),
            body: serde_json::from_slice(&request.body).unwrap_or_default(),
            arrival,
            status: reply.script.status(),
            fault: reply.fault,
            hung_up: false,
        }
    }

    /// The path as it may be printed: a query may hold anything, and some clients put a token there.
    fn printable_path(&self) -> String {
        let path = match self.path.split_once('?') {
            Some((path, _)) => format!("{path}?…"),
            None => self.path.clone(),
        };
        match self.token.as_deref() {
            Some(token) if !token.is_empty() => path.replace(token, "****"),
            _ => path,
        }
    }

    pub(crate) fn set_hung_up(&mut self) {
        self.hung_up = true;
    }

    /// The method, in capitals as sent.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path with its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The first header of that name, in whatever case. A secret is masked: the value of
    /// `authorization` reads `Bearer ****`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the request carried this very token as its bearer token.
    pub fn has_token(&self, token: &str) -> bool {
        self.token.as_deref() == Some(token)
    }

    /// The body as JSON, [`Value::Null`] if it is none.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The body as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// 1 for the first request with this method, path and body, 2 for the second, and so on: a
    /// client that tries again sends the same bytes.
    pub fn attempt(&self) -> usize {
        self.arrival.attempt
    }

    /// When it had arrived as a whole, counted from the start of the sandbox on the real clock.
    pub fn since_start(&self) -> Duration {
        self.arrival.since_start
    }

    /// How long after the attempt before this one, on the real clock.
    pub fn gap(&self) -> Option<Duration> {
        self.arrival.gap
    }

    /// The status it was answered with; none where the answer had no regular one.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The fault in its answer.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Whether the client left before the answer had come to its end. What fits into the buffers
    /// of the operating system counts as sent, so a short answer is always complete.
    pub fn hung_up(&self) -> bool {
        self.hung_up
    }
}

impl fmt::Debug for ReceivedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ReceivedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers)
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

/// One line: what was asked, what was answered, and whether it was asked again.
impl fmt::Display for ReceivedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.printable_path())?;
        match (self.fault, self.status) {
            (Some(fault), Some(status)) => write!(formatter, " {status} fault {fault}")?,
            (Some(fault), None) => write!(formatter, " fault {fault}")?,
            (None, Some(status)) => write!(formatter, " {status}")?,
            (None, None) => formatter.write_str(" no status")?,
        }
        write!(formatter, ", attempt {}", self.attempt())?;
        if let Some(gap) = self.gap() {
            write!(formatter, " after {} ms", gap.as_millis())?;
        }
        if self.hung_up {
            formatter.write_str(", hung up")?;
        }
        Ok(())
    }
}

/// The value, or what may be seen of it: the scheme of an authorization helps to find mistakes.
fn mask_secret(name: &str, value: &str) -> String {
    if !SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
        return value.to_owned();
    }
    match value.split_once(' ') {
        Some((scheme, _)) if name.to_ascii_lowercase().ends_with("authorization") => {
            format!("{scheme} ****")
        }
        _ => "****".to_owned(),
    }
}
