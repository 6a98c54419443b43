//! An HTTP response.

#[cfg(feature = "hub")]
use super::Pieces;
use super::{ByteStream, EventStream, Limits, TimeoutTracker, rate_limit, wait_hint};
use botticelli_core::RateLimitStatus;
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind};
use bytes::Bytes;
use reqwest::Response;
use reqwest::header::{
    AsHeaderName, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName,
};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Headers that may hold a request id, the best one first.
static REQUEST_IDS: [HeaderName; 3] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-amzn-trace-id"),
    HeaderName::from_static("x-amz-cf-id"),
];

/// Maximum number of bytes allocated ahead of their arrival.
const ROOM: usize = 1 << 20;

const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Status and headers of a response whose body is still to be read.
pub(crate) struct HttpResponse {
    /// Boxed, because a response passes through several functions.
    body: Box<ByteStream>,
    limits: Limits,
    /// Set if the headers may say how long to wait, or what is left of a rate limit. Most have none.
    has_hints: bool,
}

impl HttpResponse {
    pub(super) fn new(response: Response, tracker: TimeoutTracker, host: Arc<str>, limits: Limits) -> Self {
        let has_hints = response.headers().keys().any(|name| is_hint(name.as_str()));
        Self { body: Box::new(ByteStream::new(response, tracker, host)), limits, has_hints }
    }

    /// Returns host and port of the server.
    pub(crate) fn host(&self) -> &Arc<str> {
        self.body.host()
    }

    /// Returns the HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.body.response().status().as_u16()
    }

    fn headers(&self) -> &HeaderMap {
        self.body.response().headers()
    }

    /// Returns whether the status is 2xx. The body may still contain an error.
    pub(crate) fn is_success(&self) -> bool {
        self.body.response().status().is_success()
    }

    /// Returns the value of a header, if it is text.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the time of the response by the server's clock.
    pub(crate) fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.header(DATE)?).ok()
    }

    /// Returns the media type as written, without its parameters. Empty if the header is missing.
    pub(crate) fn media_type(&self) -> &str {
        let value = self.header(CONTENT_TYPE).unwrap_or_default();
        let end = value.bytes().position(|byte| byte == b';');
        end.and_then(|end| value.get(..end)).unwrap_or(value).trim()
    }

    /// Returns the compression of a body that the client could not unpack. reqwest removes the header when it unpacks the body.
    pub(crate) fn encoding(&self) -> Option<String> {
        let value = self.header(CONTENT_ENCODING)?.trim();
        (!value.is_empty() && !value.eq_ignore_ascii_case("identity")).then(|| value.to_owned())
    }

    /// Returns the request id for the service's support. Ids of more than 200 bytes are ignored: too long to quote.
    pub(crate) fn request_id(&self) -> Option<&str> {
        let is_id = |id: &&str| (1..=200).contains(&id.len());
        REQUEST_IDS.iter().find_map(|name| self.header(name).filter(is_id))
    }

    /// Returns whether the service forbids a retry.
    pub(crate) fn forbids_retry(&self) -> bool {
        let value = if self.has_hints { self.header(SHOULD_RETRY) } else { None };
        value.is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
    }

    /// Returns the wait that the service requests before the next attempt. Without meaning on a success.
    pub(crate) fn wait_hint(&self, now: SystemTime) -> Option<Duration> {
        if self.has_hints { wait_hint(self.headers(), now) } else { None }
    }

    /// Returns the rest of the service's rate limit, if the service sent it.
    pub(crate) fn rate_limit(&self, now: SystemTime) -> Option<RateLimitStatus> {
        if self.has_hints { rate_limit(self.headers(), now) } else { None }
    }

    /// Reads the whole body. On an error, also returns the bytes that had arrived.
    pub(crate) async fn read_all(mut self) -> Result<Bytes, BrokenBody> {
        let limit = self.limits.response();
        let first = match self.body.next().await {
            Ok(first) => first.unwrap_or_default(),
            Err(error) => return Err(BrokenBody { error, arrived: Vec::new() }),
        };
        let second = if first.len() <= limit { self.body.next().await } else { Ok(None) };
        let body = match second {
            // Most bodies arrive in one piece, which needs no copy.
            Ok(None) => first,
            Err(error) => return Err(BrokenBody { error, arrived: first.into() }),
            Ok(Some(second)) => {
                let length = self.header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
                // A large `content-length` alone must not make the client allocate much memory.
                let room = length.unwrap_or(0).min(limit).min(ROOM).max(first.len());
                let mut body = Vec::with_capacity(room);
                body.extend_from_slice(&first);
                body.extend_from_slice(&second);
                if let Err(error) = self.body.read_up_to(limit.saturating_add(1), &mut body).await {
                    return Err(BrokenBody { error, arrived: body });
                }
                body.into()
            }
        };
        if body.len() <= limit {
            return Ok(body);
        }
        let error =
            HttpError::new(HttpErrorKind::TooLarge { what: "response", limit }, &**self.host()).into();
        Err(BrokenBody { error, arrived: body.into() })
    }

    /// Reads the beginning of an error body as text, up to [`Limits::error_body`] bytes. If the body breaks off or pauses for
    /// five seconds, the part that arrived is returned.
    pub(crate) async fn read_refusal(mut self) -> String {
        self.body.tracker().restart_idle(Some(Duration::from_secs(5)));
        let mut body = Vec::new();
        // The status already identifies the error, so a broken body is ignored.
        let _ = self.body.read_up_to(self.limits.error_body(), &mut body).await;
        String::from_utf8_lossy(&body).into_owned()
    }

    /// Returns the first non-whitespace byte of the body, which may reveal its format when the content type does not.
    ///
    /// # Errors
    ///
    /// An [`HttpError`] if the connection breaks or a timeout expires.
    pub(crate) async fn first_byte(&mut self) -> Result<Option<u8>, BotticelliError> {
        self.body.first_byte().await
    }

    /// Returns the body as bytes, which must arrive within `idle` of each other, without a limit for all of them.
    #[cfg(feature = "hub")]
    pub(crate) fn into_pieces(self, idle: Option<Duration>) -> Pieces {
        Pieces::new(self.body, idle)
    }

    /// Returns the body as server-sent events. After the first event, bytes must arrive within `idle`, and an event within
    /// `keep_alive`.
    pub(crate) fn events(self, idle: Option<Duration>, keep_alive: Option<Duration>) -> EventStream {
        EventStream::new(self.body, idle, keep_alive, self.limits.event())
    }
}

/// Returns whether a header is about retries or about a rate limit.
fn is_hint(name: &str) -> bool {
    let name = name.strip_prefix("x-").unwrap_or(name);
    // Most names end the comparison here.
    matches!(name.as_bytes(), [b'r' | b's', ..])
        && (name.starts_with("ratelimit") || name.starts_with("retry-after") || name == "should-retry")
}

/// A body that could not be read to its end.
pub(crate) struct BrokenBody {
    /// The reason.
    pub(crate) error: BotticelliError,
    /// The bytes that had arrived.
    pub(crate) arrived: Vec<u8>,
}

// The bytes may hold secrets.
impl fmt::Debug for BrokenBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokenBody")
            .field("error", &self.error)
            .field("arrived", &self.arrived.len())
            .finish()
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("host", &self.host())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
