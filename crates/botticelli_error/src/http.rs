//! No answer came, or not all of it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// No answer came, or not all of it.
///
/// Retried where the [kind](HttpErrorKind) says so.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct HttpError {
    kind: HttpErrorKind,
    host: String,
    detail: Option<&'static str>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What stood between the request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// No connection could be made. Retried.
    Connect,
    /// The server's certificate is not trusted; nothing was sent. Not retried.
    UntrustedCertificate {
        /// Why not.
        why: CertificateProblem,
    },
    /// The base URL has the wrong scheme: `https` for a server that speaks plain http, or the reverse. Nothing that the
    /// server could read was sent with `https`. Not retried.
    WrongScheme {
        /// The scheme that the server speaks: `http` or `https`.
        expected: &'static str,
    },
    /// The connection closed before any of the answer came. Retried.
    NoResponse,
    /// The connection broke in the middle of the answer. Retried.
    Disconnected,
    /// A clock ran out. Retried.
    Timeout {
        /// Which one.
        kind: TimeoutKind,
        /// How long it was set to run.
        limit: Duration,
    },
    /// The server answered with a redirect, which is never followed: it would carry the token and the prompt to
    /// wherever it points. Not retried.
    Redirect {
        /// The HTTP status.
        status: u16,
        /// Where it points, without its query.
        target: Option<String>,
    },
    /// A redirect was followed by a client of the caller's own, without the token where it led to another host, and
    /// without the prompt. What came is no answer. Not retried.
    Redirected {
        /// Where it led, without its query.
        target: String,
    },
    /// The answer is larger than a limit of ours. Not retried.
    TooLarge {
        /// What is too large: `answer`, `event`.
        what: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
}

/// Why a certificate is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateProblem {
    /// It was not signed by an authority that is known here.
    Authority,
    /// It is not valid any more, or not yet.
    Time,
    /// It is for another host.
    Name,
    /// For another reason, which the source of the error names.
    Other,
}

impl CertificateProblem {
    const fn reason(self) -> &'static str {
        match self {
            Self::Authority => "it is signed by an authority that is not known here",
            Self::Time => "it is not valid any more, or not yet",
            Self::Name => "it is for another host",
            Self::Other => "it cannot be verified",
        }
    }
}

/// The clocks that run while we wait for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutKind {
    /// From the call to the connection.
    Connect,
    /// From the call to the first piece of a stream.
    FirstToken,
    /// From one sign of life of a stream to the next.
    Idle,
    /// From one piece of a stream to the next, whatever comments and empty events come between them.
    KeepAlive,
    /// From the call to the end of a plain answer.
    Total,
    /// From the call to the end of a streamed answer.
    StreamTotal,
    /// While the service says that the model is being loaded.
    Loading,
}

impl TimeoutKind {
    /// The name of the setting: `connect`, `first_token`, `idle`, …
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
    /// `kind` happened while talking to `host`.
    pub fn new(kind: HttpErrorKind, host: impl Into<String>) -> Self {
        Self { kind, host: host.into(), detail: None, source: None }
    }

    /// Says in a few words why, as `nobody listens there`.
    pub fn with_detail(mut self, detail: Option<&'static str>) -> Self {
        self.detail = detail;
        self
    }

    /// Keeps the error underneath.
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What stood between the request and its answer.
    pub fn kind(&self) -> &HttpErrorKind {
        &self.kind
    }

    /// The host that was called, with its port where it is not the usual one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What to do about it.
    pub fn advice(&self) -> String {
        match &self.kind {
            HttpErrorKind::Connect => "check the base URL, the network and the proxy settings".into(),
            HttpErrorKind::UntrustedCertificate { why: CertificateProblem::Authority | CertificateProblem::Other } => {
                "check the base URL; for a server of your own, add its authority to the system's certificates, or \
                 to those of a `reqwest::Client` that you give to the driver (`http_client`)"
                    .into()
            }
            HttpErrorKind::UntrustedCertificate { why: CertificateProblem::Time } => {
                "check this machine's date; if it is right, the server needs a new certificate".into()
            }
            HttpErrorKind::UntrustedCertificate { why: CertificateProblem::Name } => {
                "set the base URL to the host that the certificate is for".into()
            }
            HttpErrorKind::WrongScheme { expected } => {
                format!("begin the base URL with {expected}://, or use another port")
            }
            HttpErrorKind::NoResponse => "ask again".into(),
            HttpErrorKind::Disconnected => {
                "ask again; the service may bill for the answer that was lost".into()
            }
            HttpErrorKind::Timeout { kind, .. } => {
                format!("ask again, or raise the `{kind}` timeout")
            }
            HttpErrorKind::Redirect { .. } => {
                "redirects are not followed, so that the token stays with its host: set the base URL to where it \
                 really is"
                    .into()
            }
            HttpErrorKind::Redirected { .. } => {
                "set the base URL to where it really is, and build the client with `redirect(Policy::none())`".into()
            }
            HttpErrorKind::TooLarge { what, .. } => {
                format!("ask for less, or raise the limit of the {what}")
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
            HttpErrorKind::UntrustedCertificate { why } => {
                format!("the certificate of {host} is not trusted ({})", why.reason())
            }
            HttpErrorKind::WrongScheme { expected: "https" } => {
                format!("{host} speaks TLS, and the base URL begins with http://")
            }
            HttpErrorKind::WrongScheme { .. } => {
                format!("no connection to {host} (it speaks no TLS there: is it plain http?)")
            }
            HttpErrorKind::NoResponse => format!("{host} closed the connection without an answer"),
            HttpErrorKind::Disconnected => {
                format!("the connection to {host} broke before the answer was complete")
            }
            HttpErrorKind::Timeout { kind, limit } => {
                let waited = match kind {
                    TimeoutKind::Connect => "no connection to",
                    TimeoutKind::FirstToken => "no first token from",
                    TimeoutKind::Idle => "silence in the middle of an answer from",
                    TimeoutKind::KeepAlive => "nothing but signs of life from",
                    TimeoutKind::Total | TimeoutKind::StreamTotal => "no complete answer from",
                    TimeoutKind::Loading => "the model was not loaded by",
                };
                format!("{waited} {host} within {limit:?} (the `{kind}` timeout)")
            }
            HttpErrorKind::Redirect { status, target } => {
                let target = target.as_ref().map(|target| format!(" to {target}")).unwrap_or_default();
                format!("{host} answered with a redirect (HTTP {status}){target}")
            }
            HttpErrorKind::Redirected { target } => {
                format!("{host} redirected the call to {target}, and the driver's own client went there")
            }
            HttpErrorKind::TooLarge { what, limit } => {
                format!("{host} sent an {what} of more than {limit} bytes")
            }
        };
        format!("{what}: {}", self.advice())
    }
}
