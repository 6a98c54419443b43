//! The choices one has before a sandbox starts.

use std::io;

use crate::access::Access;
use crate::dialects::Dialect;
use crate::observer::Observer;
use crate::received::ReceivedRequest;
use crate::router::Router;
use crate::sandbox::Sandbox;
use crate::server::Server;
use crate::turn::Turn;

/// Collects choices; [`start`](Self::start) puts them to work.
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    port: u16,
    access: Access,
    dialect: Dialect,
    turns: Vec<Turn>,
    remembers: bool,
    observer: Option<Observer>,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            access: Access { token: Sandbox::TOKEN.to_owned(), is_required: true },
            dialect: Dialect::default(),
            turns: Vec::new(),
            remembers: true,
            observer: None,
        }
    }
}

impl SandboxBuilder {
    /// The one token that is accepted, instead of [`Sandbox::TOKEN`].
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.access.token = token.into();
        self
    }

    /// Whether a chat call needs a token (default: yes). Without the need, anonymous calls are
    /// answered; a token that is sent must still be the right one.
    pub fn require_token(mut self, required: bool) -> Self {
        self.access.is_required = required;
        self
    }

    /// In the shape of which server chat is answered (default: [`Dialect::Router`]).
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// The port on `127.0.0.1` (default: 0, any free one).
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Answers chat calls, and those of text completion, by this [`Script`](crate::Script), whatever they say and whichever token
    /// they carry; or with this [`Fault`](crate::Fault); or, by [`Turn::Answer`], as usual.
    ///
    /// Called several times it queues: the first call gets the first turn, the second call the
    /// second, and the last turn is repeated.
    pub fn on_chat(mut self, turn: impl Into<Turn>) -> Self {
        self.turns.push(turn.into());
        self
    }

    /// Whether requests are kept for [`Sandbox::requests`] (default: yes). A sandbox that runs
    /// for days, or under load, should not.
    pub fn remember_requests(mut self, remember: bool) -> Self {
        self.remembers = remember;
        self
    }

    /// Calls this with every request once its answer is over, remembered or not; for a log. It
    /// prints as [one line](ReceivedRequest#impl-Display-for-ReceivedRequest).
    pub fn on_answered(mut self, observer: impl Fn(&ReceivedRequest) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer::new(observer));
        self
    }

    /// Binds the port and begins to answer. Needs a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn start(self) -> io::Result<Sandbox> {
        let router = Router::new(self.access, self.dialect, self.turns);
        Sandbox::listen(self.port, Server::new(router, self.remembers, self.observer)).await
    }
}
