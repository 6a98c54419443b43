//! The HTTP client that all calls of a driver share.

use super::{
    AttemptTimeouts, HttpResponse, Limits, OneShotBody, SystemClock, Target, TimeoutTracker, runtime, scheme,
};
use botticelli_core::redact;
use botticelli_core::redact::Secret;
use botticelli_error::{
    BotticelliError, CertificateProblem, ConfigError, HttpError, HttpErrorKind, TimeoutKind,
};
use botticelli_interface::Clock;
use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method, Request, Url, redirect};
use std::fmt;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;

/// One HTTP request.
///
/// `Debug` shows the host, the names of the headers and the size of the body.
#[derive(Clone)]
pub(crate) struct HttpRequest<'a> {
    /// `GET`, `HEAD` or `POST`.
    pub(crate) method: Method,
    /// The address.
    pub(crate) target: &'a Target,
    /// The headers. Mark a secret as [sensitive](HeaderValue::set_sensitive), so that errors redact it.
    pub(crate) headers: &'a HeaderMap,
    /// The body, if any. Its bytes are not copied.
    pub(crate) body: Option<&'a Bytes>,
    /// `true` if a redirect is a response to return, and not an error. It is never followed here.
    pub(crate) returns_redirects: bool,
}

// The address, the headers and the body may all hold secrets or the prompt.
impl fmt::Debug for HttpRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("host", self.target.host())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.map(Bytes::len))
            .finish()
    }
}

/// Sends HTTP requests. Clones share connections, settings and clock.
///
/// Connections are opened on demand. Root certificates are loaded on the first request to an `https` address. Each tokio
/// runtime gets its own connections, because the tasks behind a connection run on the runtime that opened it.
#[derive(Clone, Debug)]
pub(crate) struct HttpClient(Arc<Shared>);

struct Shared {
    own: Option<Client>,
    /// The runtime on which the user's client was first used.
    home: Mutex<Option<Handle>>,
    plain: Mutex<Clients>,
    secure: Mutex<Clients>,
    /// Set once a request over TLS got a response, whatever its status.
    has_tls: AtomicBool,
    connect: Option<Duration>,
    /// Set if responses are not decompressed, whatever features are enabled.
    keeps_encoding: bool,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

// A client prints its default headers and its proxies, which may hold a token or a password.
impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("has_own_client", &self.own.is_some())
            .field("connect", &self.connect)
            .field("keeps_encoding", &self.keeps_encoding)
            .field("limits", &self.limits)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// Builder of an [`HttpClient`].
#[derive(Clone, Default)]
pub(crate) struct HttpClientBuilder {
    own: Option<Client>,
    connect: Option<Duration>,
    keeps_encoding: bool,
    limits: Limits,
    clock: Option<Arc<dyn Clock>>,
}

// The client may hold secrets, as in `Shared`.
impl fmt::Debug for HttpClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientBuilder")
            .field("has_own_client", &self.own.is_some())
            .field("connect", &self.connect)
            .field("keeps_encoding", &self.keeps_encoding)
            .field("limits", &self.limits)
            .field("clock", &self.clock)
            .finish()
    }
}

impl HttpClientBuilder {
    /// Sets a client built by the user. The client's proxy, root certificates and connect timeout apply. If the client follows a
    /// redirect, the redirected request has no body, and the call is an error.
    pub(crate) fn client(mut self, client: Option<Client>) -> Self {
        self.own = client;
        self
    }

    /// Sets how long opening a connection may take; `None` for no limit.
    pub(crate) fn connect(mut self, limit: Option<Duration>) -> Self {
        self.connect = limit;
        self
    }

    /// Leaves compressed responses as they are. Their bytes are then those of a checksum and of a range.
    #[cfg(feature = "hub")]
    pub(crate) fn keep_encoding(mut self) -> Self {
        self.keeps_encoding = true;
        self
    }

    /// Sets the size limits.
    pub(crate) fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the clock; `None` for the system clock.
    pub(crate) fn clock(mut self, clock: Option<Arc<dyn Clock>>) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the client without opening a connection.
    pub(crate) fn build(self) -> HttpClient {
        HttpClient(Arc::new(Shared {
            own: self.own,
            home: Mutex::default(),
            plain: Mutex::default(),
            secure: Mutex::default(),
            has_tls: AtomicBool::new(false),
            connect: self.connect,
            keeps_encoding: self.keeps_encoding,
            limits: self.limits,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
        }))
    }
}

impl HttpClient {
    /// Returns a builder with the defaults.
    pub(crate) fn builder() -> HttpClientBuilder {
        HttpClientBuilder::default()
    }

    /// Returns the size limits.
    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Returns the clock.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Returns the user agent of each request; `None` if the user's client sets its own.
    ///
    /// reqwest adds a missing one, which makes it copy the headers of each request.
    pub(crate) fn agent(&self) -> Option<HeaderValue> {
        self.0.own.is_none().then_some(AGENT)
    }

    /// Sends a request once and waits for the status and headers of the response.
    ///
    /// The timeouts continue to run while the body is read.
    ///
    /// # Errors
    ///
    /// An [`HttpError`] if no connection is made, no response arrives, a timeout expires, or the server redirects. A
    /// [`ConfigError`] if the machine has no root certificates.
    pub(crate) async fn send(
        &self,
        call: HttpRequest<'_>,
        timeouts: AttemptTimeouts,
    ) -> Result<HttpResponse, BotticelliError> {
        let (target, headers, returns_redirects) = (call.target, call.headers, call.returns_redirects);
        let (url, host) = (target.url(), target.host());
        let mut tracker = TimeoutTracker::new(&self.0.clock, host, timeouts);
        let client = self.client(url).await?;
        let mut sent = pin!(execute(&client, self.request(call)));
        let sent = if self.is_suspect(url) {
            // Boxed: this rare path should not enlarge the future of every call.
            tracker.limit(Box::pin(scheme::unless_plain(sent, url, &self.0.clock))).await?
        } else {
            Some(tracker.limit(sent.as_mut()).await?)
        };
        let response = match sent {
            Some(Ok(response)) => response,
            Some(Err(error)) => return Err(Box::pin(self.explain(error, url, host)).await),
            None => {
                return Err(HttpError::new(HttpErrorKind::WrongScheme { expected: "http" }, &**host).into());
            }
        };
        if url.scheme() == "https" {
            self.0.has_tls.store(true, Ordering::Relaxed);
        }
        let status = response.status();
        if status.is_redirection() && !returns_redirects {
            let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
            let target = target.map(|target| shown(target, headers));
            let kind = HttpErrorKind::Redirect { status: status.as_u16(), target };
            return Err(HttpError::new(kind, &**host).into());
        }
        if response.url() != url {
            let kind = HttpErrorKind::Redirected { target: shown(response.url().as_str(), headers) };
            return Err(HttpError::new(kind, &**host).into());
        }
        Ok(HttpResponse::new(response, tracker, host.clone(), self.0.limits))
    }

    fn request(&self, call: HttpRequest<'_>) -> Request {
        let mut request = Request::new(call.method, call.target.url().clone());
        request.headers_mut().clone_from(call.headers);
        // The user's client may follow redirects, but cannot resend a body that it has sent already.
        *request.body_mut() = call.body.cloned().map(|body| match self.0.own {
            Some(_) => OneShotBody::body(body),
            None => body.into(),
        });
        request
    }

    async fn client(&self, url: &Url) -> Result<Client, BotticelliError> {
        let runtime = runtime::current()?;
        let Shared { own, home, plain, secure, connect, keeps_encoding, clock, .. } = &*self.0;
        if let Some(own) = own {
            let home = lock(home).get_or_insert_with(|| runtime.clone()).clone();
            if home.id() != runtime.id() {
                // Boxed, as above.
                Box::pin(self.move_to(home, runtime, clock)).await?;
            }
            return Ok(own.clone());
        }
        let (clients, secured) = if url.scheme() == "https" { (secure, true) } else { (plain, false) };
        lock(clients).of(runtime.id(), || build(*connect, secured, *keeps_encoding))
    }

    /// Allows the user's client on another runtime than the one that has its connections. The connections still work if that
    /// runtime is running, and are closed if it has stopped. If it is stalled, a call would wait forever, which is an error.
    async fn move_to(
        &self,
        home: Handle,
        runtime: Handle,
        clock: &Arc<dyn Clock>,
    ) -> Result<(), BotticelliError> {
        match runtime::state_of(home, clock.clone()).await {
            runtime::State::Running => Ok(()),
            runtime::State::Gone => {
                *lock(&self.0.home) = Some(runtime);
                Ok(())
            }
            runtime::State::Stalled => {
                let reason = "the connections of `http_client` belong to another tokio runtime, which is not running now";
                let remedy = "build the driver without `http_client`, or build one driver per runtime";
                Err(ConfigError::new(reason, remedy).with_key("http_client").into())
            }
        }
    }

    /// Returns whether to check that the server supports TLS. The user's client is excluded: it may have a proxy, which the check
    /// would bypass.
    fn is_suspect(&self, url: &Url) -> bool {
        scheme::is_suspect(url) && self.0.own.is_none() && !self.0.has_tls.load(Ordering::Relaxed)
    }

    /// Builds the error for a request without a response. Probes the server if the scheme of the URL may be wrong.
    async fn explain(&self, error: reqwest::Error, url: &Url, host: &str) -> BotticelliError {
        let clock = &self.0.clock;
        let expected = match url.scheme() {
            _ if self.0.own.is_some() => None,
            "http" if !error.is_connect() && mentions(&error, "invalid HTTP version") => {
                Box::pin(scheme::speaks_tls(url, clock)).await.then_some("https")
            }
            "https" if scheme::is_suspect(url) && error.is_connect() && mentions(&error, "handshake eof") => {
                Box::pin(scheme::speaks_plain_http(url, clock)).await.then_some("http")
            }
            _ => None,
        };
        match expected {
            Some(expected) => {
                let kind = HttpErrorKind::WrongScheme { expected };
                HttpError::new(kind, host).with_source(error.without_url()).into()
            }
            None => self.send_error(error, host),
        }
    }

    fn send_error(&self, error: reqwest::Error, host: &str) -> BotticelliError {
        let kind = match self.0.connect {
            Some(limit) if error.is_connect() && error.is_timeout() => {
                HttpErrorKind::Timeout { kind: TimeoutKind::Connect, limit }
            }
            _ if error.is_connect() => match certificate_problem(&error) {
                Some(problem) => HttpErrorKind::UntrustedCertificate { problem },
                None if mentions(&error, "received corrupt message") => {
                    HttpErrorKind::WrongScheme { expected: "http" }
                }
                None => HttpErrorKind::Connect,
            },
            _ => HttpErrorKind::NoResponse,
        };
        let detail = reason(&error);
        HttpError::new(kind, host).with_detail(detail).with_source(error.without_url()).into()
    }
}

/// Maximum number of runtimes whose connections are kept. A program has one runtime, its tests one after the other.
const RUNTIMES: usize = 16;

/// One client per runtime, the most recently used first.
#[derive(Default)]
struct Clients(Vec<(runtime::Id, Result<Client, BotticelliError>)>);

impl Clients {
    fn of(
        &mut self,
        runtime: runtime::Id,
        build: impl FnOnce() -> Result<Client, BotticelliError>,
    ) -> Result<Client, BotticelliError> {
        if let Some((_, client)) = self.0.first().filter(|(id, _)| *id == runtime) {
            return client.clone();
        }
        let client = if let Some(at) = self.0.iter().position(|(id, _)| *id == runtime) {
            self.0.remove(at).1
        } else {
            self.0.truncate(RUNTIMES.saturating_sub(1));
            build()
        };
        self.0.insert(0, (runtime, client.clone()));
        client
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(not(fuzzing))]
fn execute(client: &Client, request: Request) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
    client.execute(request)
}

#[cfg(fuzzing)]
async fn execute(client: &Client, request: Request) -> reqwest::Result<reqwest::Response> {
    match super::fuzzing::next_response(request.url()) {
        Some(response) => Ok(response),
        None => client.execute(request).await,
    }
}

/// Returns why the server's certificate is not trusted, if that is the cause. The TLS library reports it only as text.
fn certificate_problem(error: &reqwest::Error) -> Option<CertificateProblem> {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if let Some((_, why)) = text.split_once("invalid peer certificate: ") {
            let is_one_of = |words: &[&str]| words.iter().any(|word| why.contains(word));
            return Some(match () {
                () if is_one_of(&["UnknownIssuer", "CaUsedAsEndEntity"]) => CertificateProblem::Authority,
                () if is_one_of(&["expired", "Expired", "not valid yet", "NotValidYet"]) => {
                    CertificateProblem::Time
                }
                () if is_one_of(&["not valid for", "NotValidForName"]) => CertificateProblem::Name,
                () => CertificateProblem::Other,
            });
        }
        // `source` of an I/O error skips the error that it wraps.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// Returns whether the error or one of its causes contains `words`.
fn mentions(error: &reqwest::Error, words: &str) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains(words) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Returns a short reason for a failed connection, if the chain of causes holds a well-known one.
fn reason(error: &reqwest::Error) -> Option<&'static str> {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        // A failed DNS lookup has no error kind, only this text.
        let text = error.to_string();
        if text.contains("dns error") {
            return Some("the host name was not found");
        }
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => {
                return Some("connection refused: no server listens there");
            }
            Some(io::ErrorKind::ConnectionReset) => return Some("connection reset"),
            _ => cause = error.source(),
        }
    }
    None
}

/// Bytes of one stream that an HTTP/2 server may send ahead of the reader: 5 MB/s at a round trip of 200 ms.
const STREAM_WINDOW: u32 = 1 << 20;
/// The same for all streams of a connection: the protocol's maximum. Each stream has its own limit. With a shared one,
/// a few unread streams would block the others.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;

/// Name and version of this library.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("botticelli/", env!("CARGO_PKG_VERSION")));

fn build(connect: Option<Duration>, secured: bool, keeps_encoding: bool) -> Result<Client, BotticelliError> {
    let mut builder = Client::builder()
        .user_agent(AGENT)
        // A redirect would send the token and the prompt to another server.
        .redirect(redirect::Policy::none())
        .tcp_nodelay(true)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW);
    if let Some(connect) = connect {
        builder = builder.connect_timeout(connect);
    }
    if keeps_encoding {
        builder = builder.no_gzip().no_brotli().no_zstd();
    }
    if !secured {
        // Plain http needs no root certificates, and reqwest fails on a machine without any. It also skips the proxy, which
        // would see the token of a loopback server.
        builder = builder.tls_certs_only([]).no_proxy();
    }
    builder.build().map_err(|error| {
        let remedy = "install the system's CA certificates (Debian: `ca-certificates`), or give the \
                      driver your own `http_client`";
        ConfigError::new("the HTTPS client could not be set up on this machine", remedy)
            .with_source(error)
            .into()
    })
}

/// Returns the target of a redirect without user name, password, query, and tokens in the path. `headers` are those of the request.
fn shown(target: &str, headers: &HeaderMap) -> String {
    let address = target.split(['?', '#']).next().unwrap_or_default();
    let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
    let secrets = headers.values().filter(|value| value.is_sensitive());
    let secrets = secrets.filter_map(|secret| secret.to_str().ok());
    let scrubbed = secrets.fold(host.to_owned(), |shown, secret| {
        Secret::new(secret.strip_prefix("Bearer ").unwrap_or(secret).into()).redact(shown)
    });
    redact::tokens(&scrubbed)
}
