//! The running sandbox.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::builder::SandboxBuilder;
use crate::received::ReceivedRequest;
use crate::report::Report;
use crate::route::direct_base;
use crate::server::{Server, serve};

/// An offline Hugging Face router, running until it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = botticelli_sandbox::Sandbox::start().await?;
/// assert_eq!(sandbox.base_url(), format!("{}/v1", sandbox.origin()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sandbox {
    origin: String,
    base_url: String,
    server: Server,
    task: AbortHandle,
}

impl Sandbox {
    /// The token that is accepted unless [another](SandboxBuilder::token) was chosen.
    pub const TOKEN: &str = "hf_sandbox";

    /// A token that is known but may not call Inference Providers: chat answers 403.
    pub const TOKEN_WITHOUT_PERMISSION: &str = "hf_no_permission";

    /// A token whose monthly credits are used up: chat answers 402.
    pub const TOKEN_WITHOUT_CREDITS: &str = "hf_no_credits";

    /// The key that every provider accepts when it is called [directly](Self::provider_url). The
    /// router and the Hub do not know it, and no provider knows the router's token.
    pub const PROVIDER_KEY: &str = "sk-sandbox";

    /// Starts a sandbox with everything at its default, on any free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// When the operating system has no port to give.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A sandbox with choices of its own.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// What a client takes for its base URL: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The same without a path: `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The base URL of a provider that is called without the router:
    /// `http://127.0.0.1:PORT/direct/PROVIDER`, to which the provider's own path is added.
    pub fn provider_url(&self, provider: &str) -> String {
        format!("{}{}", self.origin, direct_base(provider))
    }

    /// What a client takes for the address of the Hub: `http://127.0.0.1:PORT`.
    pub fn hub_url(&self) -> &str {
        &self.origin
    }

    /// The complete requests received so far, in order, refused ones included.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.server.requests()
    }

    /// A line for each request: method, path, status and fault, attempt, gap, and whether the
    /// client hung up. No token is in it.
    pub fn report(&self) -> impl fmt::Display + use<> {
        Report(self.requests())
    }

    /// How many connections are open at the moment. A connection counts from the moment it is
    /// accepted, which may be a little later than the client believes.
    pub fn open_connections(&self) -> usize {
        self.server.activity().open_connections()
    }

    /// Resolves when no connection is open any more.
    ///
    /// A client that keeps idle connections for later holds them open: drop it first.
    pub async fn quiet(&self) {
        self.server.activity().quiet().await;
    }

    /// Resolves when at least one connection is silent: everything that its script had to say is
    /// on the wire, and nothing will follow, though the connection stays open.
    pub async fn silent(&self) {
        self.server.activity().silent().await;
    }

    /// Whether nothing is under way: every connection is closed, idle between two requests, or
    /// deliberately silent.
    pub fn is_settled(&self) -> bool {
        self.server.activity().is_settled()
    }

    /// Resolves when nothing is under way: every connection is closed, idle between two requests,
    /// or deliberately silent. A test that holds a clock in its hand winds it only then.
    ///
    /// A request counts from its first byte. One that a client has not sent yet cannot be seen:
    /// wait until it [has arrived](Self::received) first.
    pub async fn settled(&self) {
        self.server.activity().settled().await;
    }

    /// Resolves when at least so many requests have arrived as a whole.
    pub async fn received(&self, count: usize) {
        self.server.activity().received(count).await;
    }

    pub(crate) async fn listen(port: u16, server: Server) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(serve(listener, server.clone())).abort_handle();
        Ok(Self { base_url: format!("{origin}/v1"), origin, server, task })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The listener and the connections live in this task and go with it.
        self.task.abort();
    }
}
