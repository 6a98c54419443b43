//! What came back.

use super::{ByteStream, Clocks, EventStream, Limits, wait_hint};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind};
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Status and headers of what came back; the body is still to be read.
pub struct Answer {
    path: String,
    status: u16,
    headers: HeaderMap,
    body: ByteStream,
    host: Arc<str>,
    limits: Limits,
}

impl Answer {
    pub(super) fn new(mut response: Response, clocks: Clocks, host: Arc<str>, limits: Limits) -> Self {
        Self {
            path: response.url().path().to_owned(),
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: ByteStream::new(response.into(), clocks, host.clone()),
            host,
            limits,
        }
    }

    /// Host and port that answered.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path that was called, without its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status says that it went well. It may have not, all the same: look at the body.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type in lower case, without its parameters; empty where there is none.
    pub fn media_type(&self) -> String {
        let value = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// How the body is compressed, where nothing here unpacks it: reqwest takes the header away from what it unpacks.
    pub fn encoding(&self) -> Option<String> {
        let value = self.header(CONTENT_ENCODING.as_str())?.trim().to_ascii_lowercase();
        (!value.is_empty() && value != "identity").then_some(value)
    }

    /// The id to quote to the service's support. One of more than 200 bytes is none: nobody would quote it.
    pub fn request_id(&self) -> Option<String> {
        let names = ["x-request-id", "x-amzn-trace-id", "x-amz-cf-id"];
        let is_id = |id: &&str| (1..=200).contains(&id.len());
        names.iter().find_map(|name| self.header(name).filter(is_id)).map(str::to_owned)
    }

    /// Whether the service forbids to ask again.
    pub fn forbids_retry(&self) -> bool {
        self.header("x-should-retry").is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
    }

    /// How long the service asks to wait before the next attempt. Means nothing on a success.
    pub fn wait_hint(&self, now: SystemTime) -> Option<Duration> {
        wait_hint(&self.headers, now)
    }

    /// The whole body.
    ///
    /// # Errors
    ///
    /// An [`HttpError`]: the connection broke, time was up, or there was more than [`Limits::answer`].
    pub async fn read(mut self) -> Result<Vec<u8>, BotticelliError> {
        let limit = self.limits.answer;
        let mut body = Vec::new();
        if self.body.read_up_to(limit, &mut body).await? {
            return Ok(body);
        }
        Err(HttpError::new(HttpErrorKind::TooLarge { what: "answer", limit }, &*self.host).into())
    }

    /// The beginning of the body, up to [`Limits::refusal`], as text. A refusal that breaks off, or stalls for five
    /// seconds, still says enough.
    pub async fn read_refusal(mut self) -> String {
        self.body.clocks().alive(Some(Duration::from_secs(5)));
        let mut body = Vec::new();
        // Whatever ended it, the status has been told already.
        let _ = self.body.read_up_to(self.limits.refusal, &mut body).await;
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
        EventStream::new(self.body, idle, keep_alive, self.limits.event)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("host", &self.host)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
