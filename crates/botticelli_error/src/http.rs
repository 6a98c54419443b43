//! Missing and incomplete responses.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A missing or incomplete response.
///
/// Retried if the [kind](HttpErrorKind) says so.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct HttpError {
    kind: HttpErrorKind,
    host: String,
    detail: Option<&'static str>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The reason why no complete response arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// The connection could not be established. Retried.
    Connect,
    /// The server's certificate is not trusted. Nothing was sent. Not retried.
    UntrustedCertificate {
        /// The problem of the certificate.
        problem: CertificateProblem,
    },
    /// The base URL has the wrong scheme: `https` for a plain HTTP server, or the reverse. With `https`, the server received
    /// nothing readable. Not retried.
    WrongScheme {
        /// Scheme of the server: `http` or `https`.
        expected: &'static str,
    },
    /// The server closed the connection before it sent a response. Retried.
    NoResponse,
    /// The connection broke in the middle of the response. Retried.
    Disconnected,
    /// A timeout expired. [Retryable](crate::BotticelliError::is_retryable), but the drivers of this library retry only the
    /// connect timeout.
    Timeout {
        /// The timeout that expired.
        kind: TimeoutKind,
        /// The configured duration.
        limit: Duration,
    },
    /// The server responded with a redirect. Drivers never follow redirects, because that would send the token and the prompt to
    /// another address. Not retried.
    Redirect {
        /// The HTTP status.
        status: u16,
        /// Target of the redirect, without its query.
        target: Option<String>,
    },
    /// The caller's own HTTP client followed a redirect. The client removed the prompt from the redirected request, and the token
    /// if the host changed. The response is therefore useless. Not retried.
    Redirected {
        /// Target of the redirect, without its query.
        target: String,
    },
    /// The response exceeds a size limit. Not retried.
    TooLarge {
        /// The part that is too large: the whole response or one event.
        what: &'static str,
        /// Maximum size, in bytes.
        limit: usize,
    },
}

/// A reason not to trust a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateProblem {
    /// The certificate is signed by an unknown authority.
    Authority,
    /// The certificate has expired, or is not valid yet.
    Time,
    /// The certificate belongs to another host.
    Name,
    /// Another problem, which the source of the error names.
    Other,
}

impl CertificateProblem {
    const fn reason(self) -> &'static str {
        match self {
            Self::Authority => "it is signed by an unknown authority",
            Self::Time => "it has expired or is not valid yet",
            Self::Name => "it belongs to another host",
            Self::Other => "it cannot be verified",
        }
    }
}

/// The timeouts of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutKind {
    /// While a connection is opened, in each attempt.
    Connect,
    /// From the start of the call to the first chunk of a stream.
    FirstToken,
    /// Between two arrivals of bytes in a stream, comments and incomplete events included.
    Idle,
    /// Between two chunks of a stream. Comments and empty events do not count.
    KeepAlive,
    /// From the start of the call to the end of a plain response.
    Total,
    /// From the start of the call to the end of a streamed response.
    StreamTotal,
    /// While the service reports that the model is loading.
    Loading,
}

impl TimeoutKind {
    /// Returns the name of the setting: `connect`, `first_token`, `idle`, …
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::FirstToken => "first_token",
            Self::Idle => "idle",
            Self::KeepAlive => "keep_alive",
            Self::Total => "total",
            Self::StreamTotal => "stream_total",
            Self::Loading => "loading",
        }
    }
}

impl fmt::Display for TimeoutKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl HttpError {
    /// Returns an error of this `kind` for a call to `host`.
    pub fn new(kind: HttpErrorKind, host: impl Into<String>) -> Self {
        Self { kind, host: host.into(), detail: None, source: None }
    }

    /// Returns the error with a short cause, such as `connection refused`.
    pub fn with_detail(mut self, detail: Option<&'static str>) -> Self {
        self.detail = detail;
        self
    }

    /// Returns the error with its source.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the reason why no complete response arrived.
    pub fn kind(&self) -> &HttpErrorKind {
        &self.kind
    }

    /// Returns the host of the call, with its port unless it is the default.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns what to do about the error.
    pub fn advice(&self) -> String {
        match &self.kind {
            HttpErrorKind::Connect => "Check the base URL, the network and the proxy settings.".into(),
            HttpErrorKind::UntrustedCertificate { problem: CertificateProblem::Authority | CertificateProblem::Other } => {
                "Check the base URL. For your own server, add its certificate authority to the system's certificates, or to \
                 those of a `reqwest::Client` that you give to the driver (`http_client`)."
                    .into()
            }
            HttpErrorKind::UntrustedCertificate { problem: CertificateProblem::Time } => {
                "Check this machine's date. If it is right, the server needs a new certificate.".into()
            }
            HttpErrorKind::UntrustedCertificate { problem: CertificateProblem::Name } => {
                "Set the base URL to the host that the certificate names.".into()
            }
            HttpErrorKind::WrongScheme { expected } => {
                format!("Start the base URL with {expected}://, or use another port.")
            }
            HttpErrorKind::NoResponse => "Send the request again.".into(),
            HttpErrorKind::Disconnected => {
                "Send the request again. The service may bill the lost response.".into()
            }
            HttpErrorKind::Timeout { kind, .. } => {
                format!("Send the request again, or raise the `{kind}` timeout.")
            }
            HttpErrorKind::Redirect { .. } => {
                "Set the base URL to the final address. The driver does not follow redirects, so that the token stays with its \
                 host."
                    .into()
            }
            HttpErrorKind::Redirected { .. } => {
                "Set the base URL to the final address, and build the client with `redirect(Policy::none())`.".into()
            }
            HttpErrorKind::TooLarge { what, .. } => {
                format!("Ask for less output, or raise the size limit of the {what}.")
            }
        }
    }

    fn sentence(&self) -> String {
        let host = &self.host;
        let what = match &self.kind {
            HttpErrorKind::Connect => match self.detail {
                Some(detail) => format!("no connection to {host} ({detail})"),
                None => format!("no connection to {host}"),
            },
            HttpErrorKind::UntrustedCertificate { problem } => {
                format!("the certificate of {host} is not trusted ({})", problem.reason())
            }
            HttpErrorKind::WrongScheme { expected: "https" } => {
                format!("{host} requires TLS, but the base URL starts with http://")
            }
            HttpErrorKind::WrongScheme { .. } => {
                format!("no connection to {host} (the port does not support TLS, and may serve plain http)")
            }
            HttpErrorKind::NoResponse => format!("{host} closed the connection without a response"),
            HttpErrorKind::Disconnected => {
                format!("the connection to {host} broke before the response was complete")
            }
            HttpErrorKind::Timeout { kind, limit } => {
                let problem = match kind {
                    TimeoutKind::Connect => "no connection to",
                    TimeoutKind::FirstToken => "no first token from",
                    TimeoutKind::Idle => "silence in the middle of a response from",
                    TimeoutKind::KeepAlive => "only keep-alive events from",
                    TimeoutKind::Total | TimeoutKind::StreamTotal => "no complete response from",
                    TimeoutKind::Loading => "the model was not loaded by",
                };
                format!("{problem} {host} within {limit:?} (the `{kind}` timeout)")
            }
            HttpErrorKind::Redirect { status, target } => {
                let target = target.as_ref().map(|target| format!(" to {target}")).unwrap_or_default();
                format!("{host} responded with a redirect (HTTP {status}){target}")
            }
            HttpErrorKind::Redirected { target } => {
                format!(
                    "{host} redirected the call to {target}, and the HTTP client given to the driver followed the redirect"
                )
            }
            HttpErrorKind::TooLarge { what, limit } => {
                format!("the {what} from {host} is larger than {limit} bytes")
            }
        };
        format!("{what}. {}", self.advice())
    }
}
