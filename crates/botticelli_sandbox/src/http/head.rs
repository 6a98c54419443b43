//! Request line and headers.

use httparse::Status;

use super::connection::Connection;
use super::request_error::RequestError;

const LARGEST_HEAD: usize = 64 * 1024;
const MOST_HEADERS: usize = 100;

/// Head of a request.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) is_http_1_0: bool,
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    /// Returns the first header with this name, ignoring case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

/// Returns the value of the first header with this name, ignoring case.
pub(crate) fn first<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Reads a head. `None` means that the client closed the connection between two requests.
pub(crate) async fn read_head(connection: &mut Connection) -> Result<Option<Head>, RequestError> {
    loop {
        if let Some((head, length)) = parse(connection.buffered())? {
            connection.take(length);
            return Ok(Some(head));
        }
        if connection.buffered().len() >= LARGEST_HEAD {
            return Err(RequestError::HeadTooLarge);
        }
        if connection.fill().await? == 0 {
            return if connection.buffered().is_empty() { Ok(None) } else { Err(RequestError::Gone) };
        }
    }
}

/// Returns the head and its length in bytes, or `None` if it is incomplete.
fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, RequestError> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(RequestError::HeadTooLarge),
        Err(_) => return Err(RequestError::Malformed("the head is not HTTP/1")),
    };
    let head = Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        is_http_1_0: request.version == Some(0),
        headers: request
            .headers
            .iter()
            .map(|header| {
                let value = String::from_utf8_lossy(header.value);
                (header.name.to_owned(), value.into_owned())
            })
            .collect(),
    };
    Ok(Some((head, length)))
}
