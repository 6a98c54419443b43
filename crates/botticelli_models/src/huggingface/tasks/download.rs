//! Media at an address that an answer names.

use super::call::TaskCall;
use super::media_answer::with_declared_type;
use crate::huggingface::PROVIDER;
use crate::huggingface::routing::address::Address;
use crate::transport::{CallGuard, HttpRequest, HttpResponse};
use botticelli_core::tasks::Media;
use botticelli_error::{BotticelliError, ErrorCategory, ErrorDetails, ModelsError, ModelsErrorKind};
use bytes::Bytes;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, Url};
use std::sync::Arc;

/// Maximum number of redirects.
const MAX_REDIRECTS: usize = 5;

impl TaskCall<'_> {
    /// Returns the media at `url`.
    ///
    /// The provider chooses the host of the address, so the request has no token and no extra header. Servers also reject a token
    /// together with a signed address.
    pub(super) async fn download(&self, url: &str) -> Result<Media, BotticelliError> {
        let (data, media_type, host) = self.fetch(url).await?;
        let media = Media::new(data);
        if media.is_known() {
            return Ok(media);
        }
        if let Some(media) = with_declared_type(media, &media_type) {
            return Ok(media);
        }
        Err(unavailable(format!("the result of {host} is not an image, audio or video"), 200))
    }

    /// Returns the text at `url`.
    pub(super) async fn download_text(&self, url: &str) -> Result<String, BotticelliError> {
        let (data, _, host) = self.fetch(url).await?;
        String::from_utf8(data.into())
            .map_err(|_| unavailable(format!("the result of {host} is not text"), 200))
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, BotticelliError> {
        let settings = &*self.driver.settings;
        let start = checked(url)?;
        let start = &start;
        let attempt = |spent| {
            let timeouts = self.deadline.attempt(spent);
            async move {
                let (mut url, headers) = (start.clone(), HeaderMap::new());
                for _ in 0..=MAX_REDIRECTS {
                    let request = HttpRequest {
                        method: Method::GET,
                        target: &url.clone().into(),
                        headers: &headers,
                        body: None,
                        returns_redirects: true,
                    };
                    let response = settings.client.http.send(request, timeouts).await?;
                    match next(&url, &response)? {
                        Some(target) => url = target,
                        None => return read(response).await,
                    }
                }
                Err(rejected("too many redirects", &url))
            }
        };
        let key = start.host_str().unwrap_or_default();
        Ok(settings.retrier.run(key, &CallGuard::default(), &self.deadline, attempt).await?.0)
    }
}

/// Returns the address, if it can be fetched safely: over https, or on this machine.
fn checked(url: &str) -> Result<Url, BotticelliError> {
    if !url.starts_with("http:") && !url.starts_with("https:") {
        let scheme: String = url.split(':').next().unwrap_or_default().chars().take(20).collect();
        return Err(rejected_text("an address that is not http or https", &scheme));
    }
    let address = Address::parse(url, "result")?;
    let url = Url::parse(url).map_err(|_| rejected_text("an invalid address", address.host()))?;
    if address.is_secure() { Ok(url) } else { Err(rejected("an address without https", &url)) }
}

/// Returns the target of a redirect.
fn next(url: &Url, response: &HttpResponse) -> Result<Option<Url>, BotticelliError> {
    if !(300..400).contains(&response.status()) {
        return Ok(None);
    }
    let target = response.header(LOCATION).and_then(|target| url.join(target).ok());
    match target {
        Some(target) => checked(target.as_str()).map(Some),
        None => Err(rejected("a redirect without an address", url)),
    }
}

/// Bytes, content type and host of a result.
type Fetched = (Bytes, String, Arc<str>);

async fn read(response: HttpResponse) -> Result<Fetched, BotticelliError> {
    let (status, host) = (response.status(), response.host().clone());
    let media_type = response.media_type().to_owned();
    if !response.is_success() {
        let message = format!("the result cannot be fetched from {host} (HTTP {status})");
        return Err(unavailable(message, status));
    }
    let data = response.read_all().await.map_err(|broken| broken.error)?;
    Ok((data, media_type, host))
}

/// Returns the error for a result that the service has generated, but that cannot be fetched.
fn unavailable(what: String, status: u16) -> BotticelliError {
    let category =
        if status >= 500 || status == 429 { ErrorCategory::Server } else { ErrorCategory::InvalidResponse };
    let remedy = "send the request again: addresses of results expire".to_owned();
    let kind = ModelsErrorKind::Rejected { category, what, remedy };
    let mut details = ErrorDetails::new(PROVIDER);
    details.status = Some(status);
    ModelsError::new(kind, details).into()
}

fn rejected(what: &str, url: &Url) -> BotticelliError {
    rejected_text(what, url.host_str().unwrap_or_default())
}

fn rejected_text(what: &str, host: &str) -> BotticelliError {
    let what = format!("{what}, which the service names for the result ({host}),");
    ModelsError::unsupported(PROVIDER, what, "use another provider, or report the address to the provider")
        .into()
}
