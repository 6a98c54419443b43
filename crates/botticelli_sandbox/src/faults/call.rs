//! Calls that receive a fault.

use std::time::Duration;

use super::response::{Plain, Response};
use crate::chat::ResponseForm;
use crate::fingerprint::Fingerprint;
use crate::http::Request;
use crate::script::Script;

/// A call and its default response.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    /// Returns the default response in the given form.
    pub(crate) respond: &'a dyn Fn(ResponseForm) -> Script,
    /// The number of the fault: events, seconds, mebibytes, and so on.
    pub(super) number: u64,
}

impl<'a> Call<'a> {
    pub(crate) fn new(request: &'a Request, respond: &'a dyn Fn(ResponseForm) -> Script) -> Self {
        Self { request, respond, number: 0 }
    }

    /// Returns the default response in its parts. The error is an error response.
    pub(super) fn response(&self) -> Result<Response, Script> {
        Response::parse((self.respond)(ResponseForm::AsRequested))
    }

    /// Returns the plain default response, even for a streaming call.
    pub(super) fn plain(&self) -> Result<Plain, Script> {
        match Response::parse((self.respond)(ResponseForm::Plain))? {
            Response::Plain(plain) => Ok(plain),
            // Unreachable: the form is `Plain`.
            Response::Stream(stream) => Err(stream.into_script()),
        }
    }

    /// Returns the usage of the plain response, or null if missing.
    pub(super) fn usage(&self) -> serde_json::Value {
        let plain = self.plain().ok();
        plain.and_then(|plain| plain.json().get("usage").cloned()).unwrap_or_default()
    }

    pub(super) fn count(&self) -> usize {
        usize::try_from(self.number).unwrap_or(usize::MAX)
    }

    /// Returns the number of mebibytes in bytes.
    pub(super) fn mebibytes(&self) -> usize {
        self.count().saturating_mul(1024 * 1024)
    }

    pub(super) fn milliseconds(&self) -> Duration {
        Duration::from_millis(self.number)
    }

    /// Returns a JSON response with a request id.
    pub(super) fn json(&self, status: u16, body: impl Into<crate::script::JsonText>) -> Script {
        self.with_request_id(Script::json(status, body))
    }

    /// Returns a response with any content type and a request id.
    pub(super) fn text(&self, status: u16, content_type: &str, body: &str) -> Script {
        self.with_request_id(Script::text(status, content_type, body))
    }

    fn with_request_id(&self, script: Script) -> Script {
        let id = Fingerprint::of(&self.request.body).hex();
        script.header("x-request-id", format!("sandbox-{id}"))
    }

    /// Returns the model name of the call.
    pub(super) fn model(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.request.body).unwrap_or_default();
        body.get("model").and_then(serde_json::Value::as_str).unwrap_or("openai/gpt-oss-20b").to_owned()
    }
}
