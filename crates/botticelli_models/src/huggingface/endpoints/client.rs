//! Requests to the management API and to the Hub.

use super::call::{Call, clean};
use super::refusal::refusal;
use crate::huggingface::credentials::Credentials;
use crate::huggingface::routing::address::Address;
use crate::huggingface::routing::endpoint::append_path;
use crate::transport::{
    AttemptTimeouts, CallGuard, Deadline, HttpClient, HttpRequest, HttpResponse, Retrier,
};
use botticelli_core::redact;
use botticelli_error::{BotticelliError, EndpointError, EndpointErrorKind};
use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::time::Duration;

/// The client of one server. Clones share connections.
#[derive(Clone, Debug)]
pub(super) struct ManagementClient {
    pub(super) address: Address,
    pub(super) credentials: Credentials,
    pub(super) http: HttpClient,
    pub(super) retrier: Retrier,
    /// Limit of a request over all attempts.
    pub(super) limit: Duration,
}

impl ManagementClient {
    /// Returns the URL of a path below the base URL.
    fn url(&self, call: &Call<'_>) -> Url {
        let mut url = append_path(self.address.at(self.address.path()), &call.path);
        if let Some(query) = &call.query {
            url.set_query(Some(query));
        }
        url
    }

    /// Returns the usual headers. This is the only place that adds the token.
    fn headers(&self, has_body: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/plain;q=0.9, */*;q=0.1"));
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = &self.credentials.token
            && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    /// Sends a request once to any URL of this server. An unsuccessful response is returned.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        body: Option<&Bytes>,
        timeouts: AttemptTimeouts,
    ) -> Result<HttpResponse, BotticelliError> {
        let headers = self.headers(body.is_some());
        let target = &url.clone().into();
        let request = HttpRequest { method, target, headers: &headers, body, returns_redirects: false };
        self.http.send(request, timeouts).await
    }

    /// Sends a request with retries, and returns the text of a successful response.
    pub(super) async fn text(&self, call: &Call<'_>, limit: Duration) -> Result<String, BotticelliError> {
        let deadline = Deadline::of_lookup(self.http.clock(), limit);
        let url = self.url(call);
        let attempt = |spent| {
            let timeouts = deadline.attempt(spent);
            let url = &url;
            async move {
                let response = self.send(call.method.clone(), url, call.body.as_ref(), timeouts).await?;
                if !response.is_success() {
                    let now = self.http.clock().wall_time();
                    return Err(refusal(response, call, &self.credentials, now).await);
                }
                let body = response.read_all().await.map_err(|broken| broken.error)?;
                match std::str::from_utf8(&body) {
                    Ok(text) => Ok(clean(text.to_owned(), &self.credentials, &call.hidden)),
                    Err(_) => Err(unusable(call.subject, "the response is not text")),
                }
            }
        };
        Ok(self.retrier.run("endpoints", &CallGuard::default(), &deadline, attempt).await?.0)
    }

    /// Sends a request with retries, and returns the JSON of a successful response.
    pub(super) async fn json(&self, call: &Call<'_>, limit: Duration) -> Result<Value, BotticelliError> {
        parse(&self.text(call, limit).await?, call.subject)
    }
}

/// Returns the JSON object of a response.
pub(super) fn parse(text: &str, subject: &str) -> Result<Value, BotticelliError> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(unusable(subject, "the response is not a JSON object")),
    }
}

/// Returns the error for a response that lacks the requested data.
pub(super) fn unusable(subject: &str, reason: &str) -> BotticelliError {
    let kind = EndpointErrorKind::UnusableResponse { reason: reason.to_owned() };
    EndpointError::new(kind, redact::tokens(subject)).into()
}
