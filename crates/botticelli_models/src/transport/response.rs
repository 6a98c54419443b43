//! What came back.

use super::{ByteStream, EventStream, Limits, TimeoutTracker, wait_hint};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind};
use bytes::Bytes;
use reqwest::Response;
use reqwest::header::{AsHeaderName, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The names of a request id, the best one first.
static REQUEST_IDS: [HeaderName; 3] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-amzn-trace-id"),
    HeaderName::from_static("x-amz-cf-id"),
];

/// How many bytes are made room for before they have come.
const ROOM: usize = 1 << 20;

const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Status and headers of what came back; the body is still to be read.
pub struct HttpResponse {
    /// In a box: an answer is handed on from step to step.
    body: Box<ByteStream>,
    limits: Limits,
}

impl HttpResponse {
    pub(super) fn new(response: Response, clocks: TimeoutTracker, host: Arc<str>, limits: Limits) -> Self {
        Self { body: Box::new(ByteStream::new(response, clocks, host)), limits }
    }

    /// Host and port that answered.
    pub fn host(&self) -> &str {
        self.body.host()
    }

    /// The path that was called, without its query.
    pub fn path(&self) -> &str {
        self.body.response().url().path()
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.body.response().status().as_u16()
    }

    fn headers(&self) -> &HeaderMap {
        self.body.response().headers()
    }

    /// Whether the status says that it went well. It may have not, all the same: look at the body.
    pub fn is_success(&self) -> bool {
        self.body.response().status().is_success()
    }

    /// The value of a header, if it is text.
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type as it is written, without its parameters; empty where there is none.
    pub fn media_type(&self) -> &str {
        let value = self.header(CONTENT_TYPE).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    /// How the body is compressed, where nothing here unpacks it: reqwest takes the header away from what it unpacks.
    pub fn encoding(&self) -> Option<String> {
        let value = self.header(CONTENT_ENCODING)?.trim();
        (!value.is_empty() && !value.eq_ignore_ascii_case("identity")).then(|| value.to_owned())
    }

    /// The id to quote to the service's support. One of more than 200 bytes is none: nobody would quote it.
    pub fn request_id(&self) -> Option<&str> {
        let is_id = |id: &&str| (1..=200).contains(&id.len());
        REQUEST_IDS.iter().find_map(|name| self.header(name).filter(is_id))
    }

    /// Whether the service forbids to ask again.
    pub fn forbids_retry(&self) -> bool {
        self.header(SHOULD_RETRY).is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
    }

    /// How long the service asks to wait before the next attempt. Means nothing on a success.
    pub fn wait_hint(&self, now: SystemTime) -> Option<Duration> {
        wait_hint(self.headers(), now)
    }

    /// The whole body.
    ///
    /// # Errors
    ///
    /// An [`HttpError`]: the connection broke, time was up, or there was more than [`Limits::response`].
    pub async fn read(self) -> Result<Bytes, BotticelliError> {
        self.read_all().await.map_err(|broken| broken.error)
    }

    /// The whole body; or why it could not be read, with the bytes that had arrived.
    pub(crate) async fn read_all(mut self) -> Result<Bytes, BrokenBody> {
        let limit = self.limits.response();
        let first = match self.body.next().await {
            Ok(first) => first.unwrap_or_default(),
            Err(error) => return Err(BrokenBody { error, arrived: Vec::new() }),
        };
        let second = if first.len() <= limit { self.body.next().await } else { Ok(None) };
        let body = match second {
            // Most answers arrive in one piece: it is read where it lies.
            Ok(None) => first,
            Err(error) => return Err(BrokenBody { error, arrived: first.into() }),
            Ok(Some(second)) => {
                let length = self.header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
                // What a server promises is no reason to make room for more than a usual answer.
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
        let error = HttpError::new(HttpErrorKind::TooLarge { what: "answer", limit }, self.host()).into();
        Err(BrokenBody { error, arrived: body.into() })
    }

    /// The beginning of the body, up to [`Limits::error_body`], as text. A refusal that breaks off, or stalls for five
    /// seconds, still says enough.
    pub async fn read_refusal(mut self) -> String {
        self.body.clocks().alive(Some(Duration::from_secs(5)));
        let mut body = Vec::new();
        // Whatever ended it, the status has been told already.
        let _ = self.body.read_up_to(self.limits.error_body(), &mut body).await;
        String::from_utf8_lossy(&body).into_owned()
    }

    /// The first byte of the body that is no blank, which often tells what the content type does not.
    ///
    /// # Errors
    ///
    /// An [`HttpError`]: the connection broke, or time was up.
    pub async fn first_byte(&mut self) -> Result<Option<u8>, BotticelliError> {
        self.body.first_byte().await
    }

    /// The body as server-sent events. From the first one on, there has to be a sign of life every `idle`, and an event
    /// every `keep_alive`.
    pub fn events(self, idle: Option<Duration>, keep_alive: Option<Duration>) -> EventStream {
        EventStream::new(self.body, idle, keep_alive, self.limits.event())
    }
}

/// A body that could not be read to its end.
pub(crate) struct BrokenBody {
    /// Why not.
    pub(crate) error: BotticelliError,
    /// The bytes that had arrived.
    pub(crate) arrived: Vec<u8>,
}

// They may be anything.
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
