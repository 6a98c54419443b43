//! A call with all that goes along: token, billing, headers.

use crate::huggingface::conversions::{Asked, Wording};
use crate::huggingface::credentials::Credentials;
use crate::transport::{AttemptTimeouts, HttpClient, HttpRequest, HttpResponse};
use botticelli_error::BotticelliError;
use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use std::future::Future;
use std::sync::Arc;

/// Calls one server, with what is put on every call. Clones share connections.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct ApiClient {
    pub(in crate::huggingface) http: HttpClient,
    pub(in crate::huggingface) credentials: Credentials,
    /// What is put on a call, and on one with a body.
    headers: HeaderMap,
    headers_of_json: HeaderMap,
}

const BILL_TO: HeaderName = HeaderName::from_static("x-hf-bill-to");

impl ApiClient {
    /// Calls with these credentials, at the expense of `bill_to`; `headers` are what this server wants beside the usual ones.
    pub(in crate::huggingface) fn new(
        http: HttpClient,
        credentials: Credentials,
        bill_to: Option<HeaderValue>,
        mut headers: HeaderMap,
    ) -> Self {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        if let Some(token) = &credentials.token {
            // The token was checked when it was found: it is visible ASCII.
            if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())) {
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        let mut headers_of_json = headers.clone();
        // Only what has a body is billed: a list costs nothing, and is refused to who is no member of the organization.
        if let Some(bill_to) = bill_to {
            headers_of_json.insert(BILL_TO, bill_to);
        }
        headers_of_json.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { http, credentials, headers, headers_of_json }
    }

    /// Sends it once.
    pub(in crate::huggingface) fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<Bytes>,
        patience: AttemptTimeouts,
    ) -> impl Future<Output = Result<HttpResponse, BotticelliError>> + Send {
        let headers = if body.is_some() { &self.headers_of_json } else { &self.headers };
        self.http.send(HttpRequest { method, url, headers: headers.clone(), body }, patience)
    }

    /// What a refusal of `answer` is told with.
    pub(in crate::huggingface) fn asked(&self, model: Option<&str>, answer: &HttpResponse) -> Asked {
        Asked {
            host: Some(answer.host().to_owned()),
            path: Some(answer.path().to_owned()),
            model: model.map(str::to_owned),
            token: self.credentials.token.clone(),
            withheld: self.credentials.withheld.clone(),
            request_id: answer.request_id().map(str::to_owned),
            choices: None,
            tools: Arc::default(),
            wording: Wording::Chat,
            limit: Some(self.http.limits().response()),
            forbids_retry: answer.forbids_retry(),
            has_media: false,
            retry_after: answer.wait_hint(self.http.clock().wall_time()),
        }
    }
}
