//! Requests with their secrets. They never leave this crate unmasked.

use super::body::read_body;
use super::connection::Connection;
use super::head::{first, read_head};
use super::request_error::RequestError;

/// A complete request. It does not implement `Debug`, because it contains the token.
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// HTTP/1.0 has no chunked encoding.
    pub(crate) is_http_1_0: bool,
}

impl Request {
    /// Returns a placeholder for a malformed request.
    pub(crate) fn unread() -> Self {
        Self {
            method: String::new(),
            target: String::new(),
            headers: vec![("connection".to_owned(), "close".to_owned())],
            body: Vec::new(),
            is_http_1_0: false,
        }
    }

    /// Returns the path without its query.
    pub(crate) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// Returns the first header with this name, ignoring case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// Returns the token of an `Authorization: Bearer …` header.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// Returns whether the client may send another request on the same connection.
    pub(crate) fn keeps_alive(&self) -> bool {
        !self.is_http_1_0
            && !self.header("connection").is_some_and(|value| value.to_ascii_lowercase().contains("close"))
    }
}

/// Reads the next request. `None` means that the client has closed the connection.
pub(crate) async fn read_request(connection: &mut Connection) -> Result<Option<Request>, RequestError> {
    let Some(head) = read_head(connection).await? else {
        return Ok(None);
    };
    let body = read_body(&head, connection).await?;
    Ok(Some(Request {
        method: head.method,
        target: head.target,
        headers: head.headers,
        body,
        is_http_1_0: head.is_http_1_0,
    }))
}
