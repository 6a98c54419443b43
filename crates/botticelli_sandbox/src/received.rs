//! Records of received requests.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::arrivals::Arrival;
use crate::faults::Fault;
use crate::http::Request;
use crate::router::Reply;

/// Names of headers with secret values.
const SECRET: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-api-key"];

/// A received request, with its secrets masked.
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
    is_aborted: bool,
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
            is_aborted: false,
        }
    }

    /// Returns the path for display. The query is hidden, because some clients put a token there.
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

    pub(crate) fn set_aborted(&mut self) {
        self.is_aborted = true;
    }

    /// Returns the method as sent, usually in capitals.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path with its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the first header with this name, ignoring case. Secrets are masked: the value of
    /// `authorization` reads `Bearer ****`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns whether the request carried this bearer token.
    pub fn has_token(&self, token: &str) -> bool {
        self.token.as_deref() == Some(token)
    }

    /// Returns the body as JSON, or [`Value::Null`] if it is not JSON.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// Returns the body as text. Invalid UTF-8 is replaced.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the attempt number, starting at 1. Requests with the same method, path and body are
    /// attempts of one call, because a client that retries sends the same bytes.
    pub fn attempt(&self) -> usize {
        self.arrival.attempt
    }

    /// Returns the time from the start of the sandbox to the complete arrival of the request, on
    /// the real clock.
    pub fn since_start(&self) -> Duration {
        self.arrival.since_start
    }

    /// Returns the time since the previous attempt, on the real clock. `None` for the first
    /// attempt.
    pub fn gap(&self) -> Option<Duration> {
        self.arrival.gap
    }

    /// Returns the status of the response, or `None` if the script sends no regular response.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the fault in the response.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Returns whether the client disconnected before the response ended. Bytes in the buffers of
    /// the operating system count as sent, so a short response is always complete.
    pub fn is_aborted(&self) -> bool {
        self.is_aborted
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

/// One line with the request, the response and the attempt.
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
        if self.is_aborted {
            formatter.write_str(", hung up")?;
        }
        Ok(())
    }
}

/// Returns the value of a header, masked if it is secret. The authorization scheme stays visible,
/// because a wrong scheme is a common mistake.
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
