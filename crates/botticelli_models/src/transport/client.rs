//! One client for all calls of a driver.

use super::{
    AttemptTimeouts, HttpResponse, Limits, OneShotBody, SystemClock, TimeoutTracker, runtime, scheme,
};
use crate::secret::Secret;
use botticelli_core::AuthConfig;
use botticelli_error::{
    BotticelliError, CertificateProblem, ConfigError, HttpError, HttpErrorKind, TimeoutKind,
};
use botticelli_interface::Clock;
use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method, Request, Url, redirect};
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;

/// One call: what is sent, and where to.
///
/// `Debug` shows the host, the names of the headers and the size of the body.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "whoever writes a provider builds it by its fields")]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// A secret among them is marked as [sensitive](HeaderValue::set_sensitive): it is taken out of errors then.
    pub headers: HeaderMap,
    /// The body, if there is one; a clone of it shares its bytes.
    pub body: Option<Bytes>,
}

// A path or a query may hold a secret, any header too, and the body is the prompt.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("host", &host_of(&self.url))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.as_ref().map(Bytes::len))
            .finish()
    }
}

/// Sends calls. Clones share connections, settings and clock.
///
/// The connections are made when they are first needed; root certificates are not looked at before the first call
/// to an `https` address. Each tokio runtime has connections of its own, because the tasks behind them run on the runtime that
/// made them.
#[derive(Clone, Debug)]
pub struct HttpClient(Arc<Shared>);

struct Shared {
    own: Option<Client>,
    /// The runtime on which the caller's own client was first used.
    home: Mutex<Option<Handle>>,
    plain: Mutex<Clients>,
    secure: Mutex<Clients>,
    /// Whether a call in TLS was answered.
    has_tls: AtomicBool,
    connect: Option<Duration>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

// A client prints its default headers and its proxies, which may hold a token or a password.
impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("has_own_client", &self.own.is_some())
            .field("connect", &self.connect)
            .field("limits", &self.limits)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// Sets up an [`HttpClient`]; whatever is not set has its default.
#[derive(Clone, Default)]
pub struct HttpClientBuilder {
    own: Option<Client>,
    connect: Option<Duration>,
    limits: Limits,
    clock: Option<Arc<dyn Clock>>,
}

// As for what it builds.
impl fmt::Debug for HttpClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientBuilder")
            .field("has_own_client", &self.own.is_some())
            .field("connect", &self.connect)
            .field("limits", &self.limits)
            .field("clock", &self.clock)
            .finish()
    }
}

impl HttpClientBuilder {
    /// A client of the caller's own: its proxy, roots and connect timeout are used as they are. A redirect that it follows is
    /// an error, and takes no body along.
    pub fn client(mut self, client: Option<Client>) -> Self {
        self.own = client;
        self
    }

    /// How long a connection may take to be made; `None` is no limit.
    pub fn connect(mut self, limit: Option<Duration>) -> Self {
        self.connect = limit;
        self
    }

    /// How much we take.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The clock; `None` is the real one.
    pub fn clock(mut self, clock: Option<Arc<dyn Clock>>) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the client. No connection is made yet.
    pub fn build(self) -> HttpClient {
        HttpClient(Arc::new(Shared {
            own: self.own,
            home: Mutex::default(),
            plain: Mutex::default(),
            secure: Mutex::default(),
            has_tls: AtomicBool::new(false),
            connect: self.connect,
            limits: self.limits,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
        }))
    }
}

impl HttpClient {
    /// Sets one thing after the other.
    pub fn builder() -> HttpClientBuilder {
        HttpClientBuilder::default()
    }

    /// How much we take.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Sends `call` once, and waits for status and headers of the answer, as long as `patience` lasts.
    ///
    /// The answer's body is still to be read, with what is left of it.
    ///
    /// # Errors
    ///
    /// An [`HttpError`]: no connection, no answer, a clock ran out, or a redirect came. A [`ConfigError`] where the
    /// machine has no root certificates.
    pub async fn send(
        &self,
        call: HttpRequest,
        patience: AttemptTimeouts,
    ) -> Result<HttpResponse, BotticelliError> {
        let host = host_of(&call.url);
        let mut clocks = TimeoutTracker::new(&self.0.clock, &host, patience);
        let client = self.client(&call.url).await?;
        let secrets: Vec<_> = call.headers.values().filter(|value| value.is_sensitive()).cloned().collect();
        let mut request = Request::new(call.method, call.url.clone());
        *request.headers_mut() = call.headers;
        // A client of the caller's own may follow redirects, but not with a body that it has sent already.
        *request.body_mut() = call.body.map(|body| match self.0.own {
            Some(_) => OneShotBody::body(body),
            None => body.into(),
        });
        let sent = execute(&client, request);
        let sent = if self.is_suspect(&call.url) {
            // In a box: what is rare should make no room in every call.
            clocks.limit(Box::pin(scheme::unless_plain(sent, &call.url, &self.0.clock))).await?
        } else {
            Some(clocks.limit(sent).await?)
        };
        let response = match sent {
            Some(Ok(response)) => response,
            Some(Err(error)) => return Err(self.no_connection(error, &call.url, &host).await),
            None => {
                return Err(HttpError::new(HttpErrorKind::WrongScheme { expected: "http" }, &*host).into());
            }
        };
        if call.url.scheme() == "https" {
            self.0.has_tls.store(true, Ordering::Relaxed);
        }
        let status = response.status();
        if status.is_redirection() {
            let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
            let target = target.map(|target| shown(target, &secrets));
            let kind = HttpErrorKind::Redirect { status: status.as_u16(), target };
            return Err(HttpError::new(kind, &*host).into());
        }
        if *response.url() != call.url {
            let kind = HttpErrorKind::Redirected { target: shown(response.url().as_str(), &secrets) };
            return Err(HttpError::new(kind, &*host).into());
        }
        Ok(HttpResponse::new(response, clocks, host, self.0.limits))
    }

    async fn client(&self, url: &Url) -> Result<Client, BotticelliError> {
        let runtime = runtime::current()?;
        let Shared { own, home, plain, secure, connect, clock, .. } = &*self.0;
        if let Some(own) = own {
            let home = lock(home).get_or_insert_with(|| runtime.clone()).clone();
            if home.id() != runtime.id() {
                self.follow(home, runtime, clock).await?;
            }
            return Ok(own.clone());
        }
        let (clients, secured) = if url.scheme() == "https" { (secure, true) } else { (plain, false) };
        lock(clients).of(runtime.id(), || build(*connect, secured))
    }

    /// Lets a client of the caller's own be used on another runtime than before: where that one is gone, its connections are; where
    /// it runs, they work. Where it stands still, a call would wait for ever.
    async fn follow(
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
            runtime::State::Still => {
                let reason =
                    "the `http_client` was used on another tokio runtime before, which is not running now";
                let remedy = "build the driver without a client of your own, or one driver for each runtime";
                Err(ConfigError::new(reason, remedy).with_key("http_client").into())
            }
        }
    }

    /// Whether the server may turn out to speak plain http, although TLS was asked for. A client of the caller's own may have
    /// a proxy, which is not gone around.
    fn is_suspect(&self, url: &Url) -> bool {
        scheme::is_suspect(url) && self.0.own.is_none() && !self.0.has_tls.load(Ordering::Relaxed)
    }

    /// Why no answer came; where it looks like the wrong scheme, the server is asked.
    async fn no_connection(&self, error: reqwest::Error, url: &Url, host: &str) -> BotticelliError {
        let clock = &self.0.clock;
        let expected = match url.scheme() {
            _ if self.0.own.is_some() => None,
            "http" if !error.is_connect() && says(&error, "invalid HTTP version") => {
                Box::pin(scheme::speaks_tls(url, clock)).await.then_some("https")
            }
            "https" if scheme::is_suspect(url) && error.is_connect() && says(&error, "handshake eof") => {
                Box::pin(scheme::speaks_plain_http(url, clock)).await.then_some("http")
            }
            _ => None,
        };
        match expected {
            Some(expected) => {
                let kind = HttpErrorKind::WrongScheme { expected };
                HttpError::new(kind, host).with_source(error.without_url()).into()
            }
            None => self.no_answer(error, host),
        }
    }

    fn no_answer(&self, error: reqwest::Error, host: &str) -> BotticelliError {
        let kind = match self.0.connect {
            Some(limit) if error.is_connect() && error.is_timeout() => {
                HttpErrorKind::Timeout { kind: TimeoutKind::Connect, limit }
            }
            _ if error.is_connect() => match distrust(&error) {
                Some(problem) => HttpErrorKind::UntrustedCertificate { problem },
                None if says(&error, "received corrupt message") => {
                    HttpErrorKind::WrongScheme { expected: "http" }
                }
                None => HttpErrorKind::Connect,
            },
            _ => HttpErrorKind::NoResponse,
        };
        let detail = why(&error);
        HttpError::new(kind, host).with_detail(detail).with_source(error.without_url()).into()
    }
}

/// The most runtimes whose connections are kept: a program has one, and its tests have one after the other.
const RUNTIMES: usize = 16;

/// A client for each runtime; the one that was used last comes first.
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

async fn execute(client: &Client, request: Request) -> reqwest::Result<reqwest::Response> {
    #[cfg(fuzzing)]
    if let Some(response) = super::fuzzing::next_answer(request.url()) {
        return Ok(response);
    }
    client.execute(request).await
}

/// Why the server's certificate is not trusted, if that is what went wrong. TLS tells it by text alone.
fn distrust(error: &reqwest::Error) -> Option<CertificateProblem> {
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
        // An error of I/O hides the error that it was made of behind that one's own causes.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// Whether one of the causes says so.
fn says(error: &reqwest::Error, words: &str) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains(words) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The reason that users know by name, from the bottom of the chain of causes.
fn why(error: &reqwest::Error) -> Option<&'static str> {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        // The name that was not found is told by text alone.
        let text = error.to_string();
        if text.contains("dns error") {
            return Some("its name was not found");
        }
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => {
                return Some("connection refused: nobody listens there");
            }
            Some(io::ErrorKind::ConnectionReset) => return Some("connection reset"),
            _ => cause = error.source(),
        }
    }
    None
}

/// How much of one stream an HTTP/2 server may send before it is read, in bytes: at 200 ms from here to there and back, 5 MB/s.
const STREAM_WINDOW: u32 = 1 << 20;
/// And of all streams of a connection: as much as there can be. Each stream has its own limit; with one for all of them, a few
/// that are not read would hold up the others.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;

fn build(connect: Option<Duration>, secured: bool) -> Result<Client, BotticelliError> {
    let mut builder = Client::builder()
        .user_agent(concat!("botticelli/", env!("CARGO_PKG_VERSION")))
        // A redirect would carry the token and the prompt to wherever it points.
        .redirect(redirect::Policy::none())
        .tcp_nodelay(true)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW);
    if let Some(connect) = connect {
        builder = builder.connect_timeout(connect);
    }
    if !secured {
        // Plain http needs no roots, and reqwest fails on a machine that has none. Nor does it go through a proxy,
        // which would see the token of a loopback server.
        builder = builder.tls_certs_only([]).no_proxy();
    }
    builder.build().map_err(|error| {
        let remedy = "install the system's CA certificates (Debian: `ca-certificates`), or give the driver a \
                      client of your own";
        ConfigError::new("no HTTPS client could be set up on this machine", remedy).with_source(error).into()
    })
}

/// Host and port, for messages: never the whole address, whose query may be a secret.
fn host_of(url: &Url) -> Arc<str> {
    let authority = url.authority();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() { "the service".into() } else { host.into() }
}

/// Where a redirect points, without what may be a secret: a user's name and password, a query, a token in the path.
fn shown(target: &str, secrets: &[HeaderValue]) -> String {
    let address = target.split(['?', '#']).next().unwrap_or_default();
    let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
    let secrets = secrets.iter().filter_map(|secret| secret.to_str().ok());
    let scrubbed = secrets.fold(host.to_owned(), |shown, secret| {
        Secret::new(secret.strip_prefix("Bearer ").unwrap_or(secret).into()).scrub(shown)
    });
    AuthConfig::hide_tokens(&scrubbed)
}
