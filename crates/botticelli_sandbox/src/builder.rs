//! Options of a sandbox before it starts.

use std::io;
use std::time::Duration;

use crate::access::Access;
use crate::capacity::Capacity;
use crate::dialects::Dialect;
use crate::endpoints::{EndpointFault, Endpoints, SandboxClock};
use crate::faults::Fault;
use crate::observer::Observer;
use crate::random_faults::RandomFaults;
use crate::received::ReceivedRequest;
use crate::repositories::{HubFault, Repositories, Repository};
use crate::router::Router;
use crate::sandbox::Sandbox;
use crate::server::Server;
use crate::tasks::{Jobs, TaskFault};
use crate::turn::Turn;

/// Builder for a [`Sandbox`].
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    port: u16,
    access: Access,
    dialect: Dialect,
    turns: Vec<Turn>,
    random_faults: Option<(Vec<Fault>, u64, u64)>,
    capacity: Option<Capacity>,
    remembers: bool,
    observer: Option<Observer>,
    repositories: Vec<Repository>,
    hub_faults: Vec<HubFault>,
    endpoint_faults: Vec<EndpointFault>,
    task_faults: Vec<TaskFault>,
    clock: Option<SandboxClock>,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            access: Access { token: Sandbox::TOKEN.to_owned(), is_required: true },
            dialect: Dialect::default(),
            turns: Vec::new(),
            random_faults: None,
            capacity: None,
            remembers: true,
            observer: None,
            repositories: Vec::new(),
            hub_faults: Vec::new(),
            endpoint_faults: Vec::new(),
            task_faults: Vec::new(),
            clock: None,
        }
    }
}

impl SandboxBuilder {
    /// Sets the accepted token (default: [`Sandbox::TOKEN`]).
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.access.token = token.into();
        self
    }

    /// Sets whether chat requests need a token (default: true). If false, requests without a token
    /// are accepted, but an invalid token is still rejected.
    pub fn with_token_required(mut self, required: bool) -> Self {
        self.access.is_required = required;
        self
    }

    /// Sets the server whose response format chat requests get (default: [`Dialect::Router`]).
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Sets the port on `127.0.0.1` (default: 0, any free port).
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds a turn for chat and text completion calls: a [`Script`](crate::Script), a
    /// [`Fault`](crate::Fault), or the default response ([`Turn::Default`]).
    ///
    /// Turns form a queue. The first call gets the first turn, the second call the second, and the
    /// last turn repeats.
    pub fn with_turn(mut self, turn: impl Into<Turn>) -> Self {
        self.turns.push(turn.into());
        self
    }

    /// Sets faults for calls at random: on average, one call in `one_in` gets one of `faults` (default: none).
    /// The seed makes the choice reproducible. All other calls get their turn.
    ///
    /// ```
    /// use botticelli_sandbox::{Fault, Sandbox};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let faults = [Fault::named("overloaded-429")?, Fault::cut_after(3)];
    /// let sandbox = Sandbox::builder().with_random_faults(faults, 10, 42).start().await?;
    /// # drop(sandbox);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_random_faults(
        mut self,
        faults: impl IntoIterator<Item = Fault>,
        one_in: u64,
        seed: u64,
    ) -> Self {
        self.random_faults = Some((faults.into_iter().collect(), one_in, seed));
        self
    }

    /// Sets a limit for the calls at the same time (default: none).
    pub fn with_capacity(mut self, capacity: Capacity) -> Self {
        self.capacity = Some(capacity);
        self
    }

    /// Sets whether requests are recorded for [`Sandbox::requests`] (default: true). Disable this
    /// for a sandbox that runs for days or under load.
    pub fn with_recording(mut self, remember: bool) -> Self {
        self.remembers = remember;
        self
    }

    /// Sets an observer that receives every request after its response ends, recorded or not. Each
    /// request prints as [one line](ReceivedRequest#impl-Display-for-ReceivedRequest), for a log.
    pub fn with_observer(mut self, observer: impl Fn(&ReceivedRequest) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer::new(observer));
        self
    }

    /// Adds a repository of the Hub. See [`Sandbox::publish`] to change it later.
    pub fn with_repository(mut self, repository: Repository) -> Self {
        self.repositories.push(repository);
        self
    }

    /// Adds a fault for the next download that it affects. Faults form a queue: each affects one request.
    pub fn with_hub_fault(mut self, fault: HubFault) -> Self {
        self.hub_faults.push(fault);
        self
    }

    /// Adds a fault for the next request about endpoints that it affects. Faults form a queue: each affects one request.
    pub fn with_endpoint_fault(mut self, fault: EndpointFault) -> Self {
        self.endpoint_faults.push(fault);
        self
    }

    /// Adds a fault for the next request, job or result of a provider of media that it affects. Faults form a queue.
    pub fn with_task_fault(mut self, fault: TaskFault) -> Self {
        self.task_faults.push(fault);
        self
    }

    /// Sets the time from which the states of dedicated endpoints follow, as the time since any fixed point (default: the real clock). A
    /// new endpoint is pending for 5 s, and initializing for 20 s.
    pub fn with_clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Some(SandboxClock::new(clock));
        self
    }

    /// Binds the port and starts serving. Requires a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    ///
    /// Returns an error if the port cannot be bound.
    pub async fn start(self) -> io::Result<Sandbox> {
        let faults = self.random_faults.map(|(faults, one_in, seed)| RandomFaults::new(faults, one_in, seed));
        let repositories = Repositories::new(self.repositories, self.hub_faults);
        let endpoints = Endpoints::new(self.clock.unwrap_or_default(), self.endpoint_faults);
        let router = Router::new(
            self.access,
            self.dialect,
            self.turns,
            faults,
            (repositories, endpoints, Jobs::new(self.task_faults)),
        );
        let server = Server::new(router, self.capacity, self.remembers, self.observer);
        Sandbox::listen(self.port, server).await
    }
}

impl Sandbox {
    /// Starts a sandbox with default options on any free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// Returns an error if no port is available.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder with default options.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }
}
