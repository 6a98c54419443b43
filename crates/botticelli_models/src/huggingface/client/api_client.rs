//! The client of one server: credentials, billing and headers.

use crate::huggingface::client::accept::accept;
use crate::huggingface::conversions::{ErrorContext, ExpectedResponse};
use crate::huggingface::credentials::Credentials;
use crate::transport::{AttemptTimeouts, CallGuard, HttpClient, HttpRequest, HttpResponse, Target};
use botticelli_error::BotticelliError;
use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use secrecy::ExposeSecret;
use std::sync::Arc;

/// A client of one server, with the headers of every request. Clones share connections.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct ApiClient {
    pub(in crate::huggingface) http: HttpClient,
    pub(in crate::huggingface) credentials: Credentials,
    /// Headers of a request, and of a request with a body.
    headers: HeaderMap,
    headers_of_json: HeaderMap,
}

/// A request that [`ApiClient::send`] makes once.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::huggingface) struct ApiRequest<'a> {
    /// JSON to post; without it the method is GET.
    pub(in crate::huggingface) body: Option<&'a Bytes>,
    /// The model that error messages name.
    pub(in crate::huggingface) model: Option<&'a Arc<str>>,
    /// The response, if an error response can hold a part of it.
    pub(in crate::huggingface) expected: Option<&'a ExpectedResponse>,
    pub(in crate::huggingface) has_media: bool,
    /// Record of whether the request was sent.
    pub(in crate::huggingface) guard: Option<&'a CallGuard>,
    /// Headers in place of the usual ones.
    pub(in crate::huggingface) headers: Option<&'a HeaderMap>,
}

const BILL_TO: HeaderName = HeaderName::from_static("x-hf-bill-to");

impl ApiClient {
    /// Returns a client with these credentials, and with `headers` that this server requires in addition to the usual ones.
    ///
    /// `bill_to` is the organization that pays for the requests.
    pub(in crate::huggingface) fn new(
        http: HttpClient,
        credentials: Credentials,
        bill_to: Option<HeaderValue>,
        mut headers: HeaderMap,
    ) -> Self {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        if let Some(token) = &credentials.token {
            // The token was validated when it was found: it is visible ASCII.
            if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())) {
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        if let Some(agent) = http.agent() {
            headers.insert(USER_AGENT, agent);
        }
        let mut headers_of_json = headers.clone();
        // Only requests with a body are billed. A list costs nothing, and the service refuses it to non-members of the organization.
        if let Some(bill_to) = bill_to {
            headers_of_json.insert(BILL_TO, bill_to);
        }
        headers_of_json.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self { http, credentials, headers, headers_of_json }
    }

    /// Returns the organization that pays, if it is set.
    pub(in crate::huggingface) fn bill_to(&self) -> Option<&HeaderValue> {
        self.headers_of_json.get(BILL_TO)
    }

    /// Returns the headers of a request with a JSON body, for a request that changes some of them.
    #[cfg(feature = "tasks")]
    pub(in crate::huggingface) fn headers_of_json(&self) -> &HeaderMap {
        &self.headers_of_json
    }

    /// Sends a request once, and returns a response with a success status, or the error that the response means.
    pub(in crate::huggingface) async fn send(
        &self,
        target: &Target,
        request: ApiRequest<'_>,
        timeouts: AttemptTimeouts,
    ) -> Result<(HttpResponse, ErrorContext), BotticelliError> {
        let (method, headers) = match request.body {
            Some(_) => (Method::POST, &self.headers_of_json),
            None => (Method::GET, &self.headers),
        };
        let headers = request.headers.unwrap_or(headers);
        let http_request =
            HttpRequest { method, target, headers, body: request.body, returns_redirects: false };
        if let Some(guard) = request.guard {
            guard.sending();
        }
        let response = self.http.send(http_request, timeouts).await?;
        let context = self.error_context(&request, target, &response);
        Ok((accept(response, &context, request.expected).await?, context))
    }

    fn error_context(
        &self,
        request: &ApiRequest<'_>,
        target: &Target,
        response: &HttpResponse,
    ) -> ErrorContext {
        ErrorContext {
            host: Some(target.host().clone()),
            path: Some(target.path().clone()),
            model: request.model.cloned(),
            token: self.credentials.token.clone(),
            withheld: self.credentials.withheld.clone(),
            request_id: response.request_id().map(str::to_owned),
            retry_after: response.wait_hint(self.http.clock().wall_time()),
            forbids_retry: response.forbids_retry(),
            has_media: request.has_media,
        }
    }
}
