//! What a client sent.

use std::fmt;

use serde_json::Value;

use crate::http::Request;

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
}

impl ReceivedRequest {
    pub(crate) fn new(request: &Request) -> Self {
        Self {
            method: request.method.clone(),
            path: request.target.clone(),
            headers: request.headers.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect(),
            token: request.bearer().map(str::to_owned),
            text: String::from_utf8_lossy(&request.body).into_owned(),
            body: serde_json::from_slice(&request.body).unwrap_or_default(),
        }
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

/// The value, or what may be seen of it: the scheme of an authorization helps to find mistakes.
fn shown(name: &str, value: &str) -> String {
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
