//! Requests to the Hub, and to the servers that it redirects to.

use crate::hub::refusal::{Asked, refusal};
use crate::hub::repository::Repository;
use crate::huggingface::credentials::Credentials;
use crate::huggingface::routing::address::Address;
use crate::transport::{
    AttemptTimeouts, CallGuard, Deadline, HttpClient, HttpRequest, HttpResponse, Retrier, TimeSpent,
};
use botticelli_error::{
    BotticelliError, BotticelliErrorKind, HttpError, HttpErrorKind, HubErrorKind, TimeoutKind,
};
use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use std::time::Duration;

/// Maximum number of redirects of one request.
const MOST_REDIRECTS: usize = 5;

/// The client of one Hub. Clones share connections.
#[derive(Clone, Debug)]
pub(in crate::hub) struct HubClient {
    pub(in crate::hub) endpoint: Address,
    pub(in crate::hub) credentials: Credentials,
    pub(in crate::hub) http: HttpClient,
    pub(in crate::hub) retrier: Retrier,
    /// Limit of a request without a file, over all attempts.
    pub(in crate::hub) lookup_limit: Duration,
    /// Longest silence while a file is downloaded.
    pub(in crate::hub) idle: Option<Duration>,
}

/// The redirects that a request follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) enum Follow {
    /// Those inside the Hub. The first response from another server, or the redirect to one, is returned.
    InsideHub,
    /// All that are encrypted.
    All,
}

/// A response, and the redirects before it.
#[derive(Debug)]
pub(in crate::hub) struct Answer {
    pub(in crate::hub) response: HttpResponse,
    pub(in crate::hub) url: Url,
    /// Responses that redirect inside the Hub, in order.
    pub(in crate::hub) redirects: Vec<HttpResponse>,
}

impl HubClient {
    /// Returns the URL of a path below the endpoint.
    pub(in crate::hub) fn url(&self, path: &str) -> Url {
        self.endpoint.at(&format!("{}/{path}", self.endpoint.path()))
    }

    /// Returns whether `url` is on the server that may receive the token.
    pub(in crate::hub) fn is_hub(&self, url: &Url) -> bool {
        url.origin() == self.endpoint.at("/").origin()
    }

    pub(in crate::hub) fn asked<'a>(
        &'a self,
        repository: &'a Repository,
        file: Option<&'a str>,
        page: &'a str,
    ) -> Asked<'a> {
        Asked { repository, file, credentials: &self.credentials, page }
    }

    /// Returns the address of a repository's page.
    pub(in crate::hub) fn page(&self, repository: &Repository) -> String {
        self.url(&repository.name()).to_string()
    }

    /// Returns the headers of a request. This is the only place that adds the token, and it adds it only for the Hub itself.
    fn headers(&self, url: &Url, more: &HeaderMap) -> HeaderMap {
        let mut headers = more.clone();
        // The size and the checksum are those of the content as it is.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(token) = self.credentials.token.as_ref().filter(|_| self.is_hub(url))
            && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    /// Sends a request once, and follows redirects. An unsuccessful response is returned.
    pub(in crate::hub) async fn send(
        &self,
        method: Method,
        url: &Url,
        more: &HeaderMap,
        follow: Follow,
        repository: &Repository,
        timeouts: AttemptTimeouts,
    ) -> Result<Answer, BotticelliError> {
        let mut url = url.clone();
        let mut redirects = Vec::new();
        for _ in 0..=MOST_REDIRECTS {
            let headers = self.headers(&url, more);
            let request = HttpRequest {
                method: method.clone(),
                target: &url.clone().into(),
                headers: &headers,
                body: None,
                returns_redirects: true,
            };
            let response = self.http.send(request, timeouts).await?;
            let target = redirect_target(&response, &url);
            let Some(target) = target else { return Ok(Answer { response, url, redirects }) };
            if follow == Follow::InsideHub && !self.is_hub(&target) && !is_hub_host(&target) {
                return Ok(Answer { response, url, redirects });
            }
            self.check_target(&target, repository)?;
            redirects.push(response);
            url = target;
        }
        Err(unsafe_redirect(&url, repository))
    }

    /// Rejects a redirect to an address that is not encrypted. Only a Hub on this machine may redirect to this machine.
    pub(in crate::hub) fn check_target(
        &self,
        target: &Url,
        repository: &Repository,
    ) -> Result<(), BotticelliError> {
        let is_local =
            |url: &Url| Address::parse(url.as_str(), "redirect").is_ok_and(|url| url.is_loopback());
        let is_safe = if is_local(target) { self.endpoint.is_loopback() } else { target.scheme() == "https" };
        let has_password = !target.username().is_empty() || target.password().is_some();
        if is_safe && !has_password { Ok(()) } else { Err(unsafe_redirect(target, repository)) }
    }

    /// Sends a lookup with retries, and returns the body of a successful response, and the address of the next page.
    pub(in crate::hub) async fn lookup(
        &self,
        url: &Url,
        repository: &Repository,
    ) -> Result<(Bytes, Option<Url>), BotticelliError> {
        let page = self.page(repository);
        let attempt = |timeouts| {
            let page = &page;
            async move {
                let headers = HeaderMap::new();
                let answer =
                    self.send(Method::GET, url, &headers, Follow::InsideHub, repository, timeouts).await?;
                if !answer.response.is_success() {
                    let asked = self.asked(repository, None, page);
                    return Err(refusal(answer.response, asked, self.http.clock().wall_time()).await);
                }
                let next = next_page(&answer.response, &answer.url).filter(|next| self.is_hub(next));
                let body = answer.response.read_all().await.map_err(|broken| broken.error)?;
                Ok((body, next))
            }
        };
        self.retried(attempt).await
    }

    /// Calls `attempt` within the limit of a lookup until it succeeds or a retry is pointless.
    pub(in crate::hub) async fn retried<T, F, Fut>(&self, attempt: F) -> Result<T, BotticelliError>
    where
        F: Fn(AttemptTimeouts) -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>>,
    {
        let deadline = Deadline::of_lookup(self.http.clock(), self.lookup_limit);
        let run = |spent| attempt(deadline.attempt(spent));
        Ok(self.retrier.run("hub", &CallGuard::default(), &deadline, run).await?.0)
    }

    /// Returns the timeouts of a transfer: silence is limited, the whole is not.
    pub(in crate::hub) fn transfer_timeouts(&self) -> AttemptTimeouts {
        AttemptTimeouts {
            first_token: self.idle,
            total: (TimeoutKind::Total, None),
            spent: TimeSpent::default(),
        }
    }
}

/// Returns the error with the name of the timeout that users set. Until the headers arrive, the transport calls it that of the
/// first token.
pub(in crate::hub) fn as_idle(error: BotticelliError) -> BotticelliError {
    match error.kind() {
        BotticelliErrorKind::Http(http) => match http.kind() {
            HttpErrorKind::Timeout { kind: TimeoutKind::FirstToken, limit } => {
                let kind = HttpErrorKind::Timeout { kind: TimeoutKind::Idle, limit: *limit };
                HttpError::new(kind, http.host()).into()
            }
            _ => error,
        },
        _ => error,
    }
}

/// Returns the target of a redirect, with its query.
pub(in crate::hub) fn redirect_target(response: &HttpResponse, url: &Url) -> Option<Url> {
    let is_redirect = matches!(response.status(), 301 | 302 | 303 | 307 | 308);
    url.join(response.header(LOCATION).filter(|_| is_redirect)?).ok()
}

/// Returns whether the host is the Hub itself, to which mirrors redirect.
fn is_hub_host(url: &Url) -> bool {
    url.scheme() == "https" && matches!(url.host_str(), Some("huggingface.co" | "hf.co"))
}

fn unsafe_redirect(target: &Url, repository: &Repository) -> BotticelliError {
    let target = format!("{}://{}", target.scheme(), target.host_str().unwrap_or_default());
    repository.error(HubErrorKind::UnsafeRedirect { target }).into()
}

/// Returns the address in `Link: <…>; rel="next"`.
fn next_page(response: &HttpResponse, url: &Url) -> Option<Url> {
    response.header("link")?.split(',').find_map(|link| {
        let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        rest.contains("rel=\"next\"").then(|| url.join(address).ok())?
    })
}
