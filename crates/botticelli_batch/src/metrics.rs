//! The queue of a server over HTTP.

use crate::{QueueGauge, QueueState};
use async_trait::async_trait;
use botticelli_error::{
    BotticelliError, ConfigError, DataError, DataErrorKind, HttpError, HttpErrorKind, TimeoutKind,
};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, Url, redirect};
use std::fmt;
use std::time::Duration;

/// A [`QueueGauge`] that reads the address `/metrics` of vLLM, SGLang, llama.cpp or text-generation-inference.
///
/// ```
/// use botticelli_batch::MetricsGauge;
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// // Reads http://127.0.0.1:8000/metrics.
/// let gauge = MetricsGauge::new("http://127.0.0.1:8000/v1")?;
/// # Ok(())
/// # }
/// ```
///
/// The gauge follows no redirect. A failed reading only delays the next one: the run continues as without a gauge.
#[derive(Clone)]
pub struct MetricsGauge {
    url: Url,
    token: Option<HeaderValue>,
    timeout: Duration,
    max_bytes: usize,
    client: Client,
}

// The address may contain a password.
impl fmt::Debug for MetricsGauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsGauge")
            .field("host", &self.host())
            .field("timeout", &self.timeout)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

impl MetricsGauge {
    /// Returns a gauge for the server with this base URL, such as `http://127.0.0.1:8000/v1`, or with this address of its metrics.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if the address is not an HTTP address, or if the machine has no root certificates for HTTPS.
    pub fn new(address: &str) -> Result<Self, BotticelliError> {
        let remedy = "write the base URL of the server, such as `http://127.0.0.1:8000/v1`";
        let invalid = |reason: &str| ConfigError::new(reason, remedy).with_key("MetricsGauge");
        let url = Url::parse(address.trim())
            .map_err(|error| invalid("the address of the metrics is not a URL").with_source(error))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(invalid("the address of the metrics is not an HTTP address").into());
        }
        let url = with_metrics(url);
        // A reading is rare. Without a pool, it works on every tokio runtime.
        let mut client =
            Client::builder().redirect(redirect::Policy::none()).pool_max_idle_per_host(0).http1_only();
        if url.scheme() == "http" {
            // Plain http needs no root certificates, and a proxy would see the token.
            client = client.tls_certs_only([]).no_proxy();
        }
        let client = client.build().map_err(|error| {
            let remedy = "install the system's CA certificates (Debian: `ca-certificates`)";
            ConfigError::new("the HTTPS client could not be set up on this machine", remedy)
                .with_source(error)
        })?;
        Ok(Self { url, token: None, timeout: Duration::from_secs(2), max_bytes: 4 << 20, client })
    }

    /// Sets the token. The gauge sends it only to the host of its address. Default: none.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if the token has characters that a header cannot have.
    pub fn with_token(mut self, token: &str) -> Result<Self, BotticelliError> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| {
            let reason = "the token has characters that a header cannot have";
            ConfigError::new(reason, "write the token without line ends").with_key("MetricsGauge::with_token")
        })?;
        value.set_sensitive(true);
        self.token = Some(value);
        Ok(self)
    }

    /// Sets the timeout of a reading. Default: 2 s.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum size of the metrics, in bytes. Default: 4 MiB.
    pub fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Returns host and port, for messages.
    fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    fn unusable(&self, reason: String) -> BotticelliError {
        let remedy = "Check the address, and that the server publishes metrics (llama-server: `--metrics`).";
        DataError::new("metrics", self.host(), DataErrorKind::Unsupported { reason, remedy }).into()
    }

    fn failed(&self, error: reqwest::Error) -> BotticelliError {
        let kind = if error.is_timeout() {
            HttpErrorKind::Timeout { kind: TimeoutKind::Total, limit: self.timeout }
        } else if error.is_connect() {
            HttpErrorKind::Connect
        } else {
            HttpErrorKind::NoResponse
        };
        HttpError::new(kind, self.host()).with_source(error.without_url()).into()
    }
}

#[async_trait]
impl QueueGauge for MetricsGauge {
    async fn read(&self) -> Result<QueueState, BotticelliError> {
        let mut request = self.client.get(self.url.clone()).timeout(self.timeout);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        let mut response = request.send().await.map_err(|error| self.failed(error))?;
        if !response.status().is_success() {
            return Err(self.unusable(format!("responds with HTTP {}", response.status().as_u16())));
        }
        let mut text = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.failed(error))? {
            if text.len().saturating_add(part.len()) > self.max_bytes {
                let kind = HttpErrorKind::TooLarge { what: "response", limit: self.max_bytes };
                return Err(HttpError::new(kind, self.host()).into());
            }
            text.extend_from_slice(&part);
        }
        match QueueState::parse(&String::from_utf8_lossy(&text)) {
            state if state == QueueState::default() => {
                Err(self.unusable("has no gauge of a known server".to_owned()))
            }
            state => Ok(state),
        }
    }
}

/// Returns the address of the metrics: next to `/v1`, without the query of the base URL.
fn with_metrics(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/');
    if !path.ends_with("/metrics") {
        let path = format!("{}/metrics", path.strip_suffix("/v1").unwrap_or(path));
        url.set_path(&path);
        url.set_query(None);
    }
    url.set_fragment(None);
    url
}
