//! The call to which a fault is the answer.

use std::time::Duration;

use super::response::{Plain, Response};
use crate::chat::ResponseForm;
use crate::fingerprint::Fingerprint;
use crate::http::Request;
use crate::script::Script;

/// A call, and what the sandbox would answer if nothing went wrong.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    /// The sandbox's own answer in any form.
    pub(crate) respond: &'a dyn Fn(ResponseForm) -> Script,
    /// How many events, seconds, mebibytes …: whatever the fault counts.
    pub(super) number: u64,
}

impl<'a> Call<'a> {
    pub(crate) fn new(request: &'a Request, respond: &'a dyn Fn(ResponseForm) -> Script) -> Self {
        Self { request, respond, number: 0 }
    }

    /// The own answer, taken apart; the error is a refusal.
    pub(super) fn response(&self) -> Result<Response, Script> {
        Response::parse((self.respond)(ResponseForm::AsRequested))
    }

    /// The own answer as JSON, whatever was asked for.
    pub(super) fn plain(&self) -> Result<Plain, Script> {
        match Response::parse((self.respond)(ResponseForm::Plain))? {
            Response::Plain(plain) => Ok(plain),
            // Cannot be: it was asked for the other.
            Response::Stream(stream) => Err(stream.into_script()),
        }
    }

    /// The usage as the plain answer tells it, null if it does not.
    pub(super) fn usage(&self) -> serde_json::Value {
        let plain = self.plain().ok();
        plain.and_then(|plain| plain.json().get("usage").cloned()).unwrap_or_default()
    }

    /// The number as a count.
    pub(super) fn count(&self) -> usize {
        usize::try_from(self.number).unwrap_or(usize::MAX)
    }

    /// The number as mebibytes, in bytes.
    pub(super) fn mebibytes(&self) -> usize {
        self.count().saturating_mul(1024 * 1024)
    }

    pub(super) fn milliseconds(&self) -> Duration {
        Duration::from_millis(self.number)
    }

    /// A refusal in JSON, with the id by which a real service would find it again.
    pub(super) fn json(&self, status: u16, body: impl Into<crate::script::JsonText>) -> Script {
        self.with_request_id(Script::json(status, body))
    }

    /// A refusal in any other content type.
    pub(super) fn text(&self, status: u16, content_type: &str, body: &str) -> Script {
        self.with_request_id(Script::text(status, content_type, body))
    }

    fn with_request_id(&self, script: Script) -> Script {
        let id = Fingerprint::of(&self.request.body).hex();
        script.header("x-request-id", format!("sandbox-{id}"))
    }

    /// The model that the call names, for the texts that repeat it.
    pub(super) fn model(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.request.body).unwrap_or_default();
        body.get("model").and_then(serde_json::Value::as_str).unwrap_or("openai/gpt-oss-20b").to_owned()
    }
}
