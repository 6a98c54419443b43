//! Detection of the kind of a response body.

use crate::transport::HttpResponse;
use botticelli_error::BotticelliError;

/// The kind of a response body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum BodyKind {
    Json,
    Events,
    Html,
    Unknown,
}

impl BodyKind {
    /// Returns the kind that the content type names. Some servers add parameters, and some send no content type.
    pub(in crate::huggingface) fn of(response: &HttpResponse) -> Self {
        let media_type = response.media_type();
        let is = |name: &str| media_type.eq_ignore_ascii_case(name);
        let ends_with_json = || media_type.to_ascii_lowercase().ends_with("+json");
        match () {
            () if is("application/json") => Self::Json,
            () if is("text/event-stream") => Self::Events,
            () if is("text/html") || is("application/xhtml+xml") => Self::Html,
            () if ends_with_json() => Self::Json,
            () => Self::Unknown,
        }
    }

    /// Returns the kind that the content type and the first byte imply. Some servers send no content type, or a wrong one.
    pub(in crate::huggingface) async fn detect(response: &mut HttpResponse) -> Result<Self, BotticelliError> {
        Ok(match (Self::of(response), response.first_byte().await?) {
            (Self::Html, _) | (Self::Unknown | Self::Events, Some(b'<')) => Self::Html,
            (Self::Unknown | Self::Events, Some(b'{' | b'[')) => Self::Json,
            // A plain sentence describes the problem, so the whole body is read. Event fields and comments start with other
            // bytes.
            (Self::Unknown, Some(first))
                if response.media_type().eq_ignore_ascii_case("text/plain")
                    && !matches!(first, b'd' | b'e' | b'i' | b'r' | b':' | 0xef) =>
            {
                Self::Json
            }
            // The field of an event, or a comment. JSON never starts with these characters.
            (Self::Json, Some(b'd' | b':')) => Self::Events,
            (kind, _) => kind,
        })
    }
}
