//! Running sandbox.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::bill::Bill;
use crate::endpoints::EndpointFault;
use crate::keys;
use crate::received::ReceivedRequest;
use crate::report::Report;
use crate::repositories::{HubFault, Repository};
use crate::route::direct_base;
use crate::server::{Server, serve};
use crate::tasks::TaskFault;

/// A running offline Hugging Face router. Dropping it stops the router.
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
    /// The router, and the second server.
    tasks: [AbortHandle; 2],
    storage: String,
}

impl Sandbox {
    /// The default token. [`SandboxBuilder::with_token`](crate::SandboxBuilder::with_token) changes it.
    pub const TOKEN: &str = keys::TOKEN;

    /// A token without permission for Inference Providers: chat responds with 403.
    pub const TOKEN_WITHOUT_PERMISSION: &str = keys::TOKEN_WITHOUT_PERMISSION;

    /// A token without credits: chat responds with 402.
    pub const TOKEN_WITHOUT_CREDITS: &str = keys::TOKEN_WITHOUT_CREDITS;

    /// The key that every provider accepts in a [direct](Self::provider_url) call. The router and
    /// the Hub reject it, and providers reject the router's token.
    pub const PROVIDER_KEY: &str = keys::PROVIDER_KEY;

    /// Returns the base URL for a client: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the URL without a path: `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the base URL for direct calls to a provider:
    /// `http://127.0.0.1:PORT/direct/PROVIDER`. Append the provider's own path.
    pub fn provider_url(&self, provider: &str) -> String {
        format!("{}{}", self.origin, direct_base(provider))
    }

    /// Returns the Hub URL for a client: `http://127.0.0.1:PORT`.
    pub fn hub_url(&self) -> &str {
        &self.origin
    }

    /// Returns the URL of the second server, which has the large files of [repositories](crate::Repository).
    pub fn storage_url(&self) -> &str {
        &self.storage
    }

    /// Adds a repository of the Hub, or replaces the one with the same name, which creates a new commit.
    pub fn publish(&self, repository: Repository) {
        self.server.repositories().publish(repository);
    }

    /// Adds a fault for the next download that it affects.
    pub fn inject_hub_fault(&self, fault: HubFault) {
        self.server.repositories().inject(fault);
    }

    /// Returns the base URL of the management API of dedicated endpoints: `http://127.0.0.1:PORT/v2`.
    pub fn management_url(&self) -> String {
        format!("{}/v2", self.origin)
    }

    /// Adds a fault for the next request about endpoints that it affects.
    pub fn inject_endpoint_fault(&self, fault: EndpointFault) {
        self.server.endpoints().inject(fault);
    }

    /// Adds a fault for the next request, job or result of a provider of media that it affects.
    pub fn inject_task_fault(&self, fault: TaskFault) {
        self.server.jobs().inject(fault);
    }

    /// Returns all complete requests in order of arrival, including rejected ones.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.server.requests()
    }

    /// Returns the bill for the responses that the sandbox generated. `GET /bill` returns it as JSON,
    /// and is not recorded as a request.
    pub fn bill(&self) -> Bill {
        self.server.bill()
    }

    /// Returns a report with a line for each request: method, path, status, fault, attempt, gap,
    /// and whether the client hung up. The report contains no token.
    pub fn report(&self) -> impl fmt::Display + use<> {
        Report(self.requests())
    }

    /// Returns the number of open connections. A connection counts from the moment the sandbox
    /// accepts it, which may be slightly later than the client's connect.
    pub fn open_connections(&self) -> usize {
        self.server.activity().open_connections()
    }

    /// Waits until no connection is open.
    ///
    /// A client with a connection pool keeps idle connections open: drop it first.
    pub async fn wait_until_disconnected(&self) {
        self.server.activity().wait_until_disconnected().await;
    }

    /// Waits until at least one connection is silent: its script has sent everything, and the
    /// connection stays open.
    pub async fn wait_until_silent(&self) {
        self.server.activity().wait_until_silent().await;
    }

    /// Returns whether nothing is in progress: every connection is closed, idle between two
    /// requests, or silent.
    pub fn is_settled(&self) -> bool {
        self.server.activity().is_settled()
    }

    /// Waits until nothing is in progress: every connection is closed, idle between two requests,
    /// or silent. A test with a manual clock advances it only then.
    ///
    /// A request counts from its first byte. A request that the client has not sent yet is unknown
    /// to the sandbox: wait for [`wait_for_requests`](Self::wait_for_requests) first.
    pub async fn wait_until_settled(&self) {
        self.server.activity().wait_until_settled().await;
    }

    /// Waits until at least `count` complete requests have arrived.
    pub async fn wait_for_requests(&self, count: usize) {
        self.server.activity().wait_for_requests(count).await;
    }

    pub(crate) async fn listen(port: u16, server: Server) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let storage = format!("http://{}", second.local_addr()?);
        server.repositories().set_storage(storage.clone());
        server.endpoints().set_origin(&origin);
        let tasks =
            [listener, second].map(|listener| tokio::spawn(serve(listener, server.clone())).abort_handle());
        Ok(Self { base_url: format!("{origin}/v1"), origin, server, tasks, storage })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Aborting the tasks drops the listeners and all connections.
        for task in &self.tasks {
            task.abort();
        }
    }
}
