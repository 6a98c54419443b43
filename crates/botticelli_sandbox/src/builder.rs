//! The choices one has before a sandbox starts.

use std::io;

use crate::access::Access;
use crate::dialects::Dialect;
use crate::router::Router;
use crate::sandbox::Sandbox;
use crate::script::Script;
use crate::server::Server;

/// Collects choices; [`start`](Self::start) puts them to work.
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    port: u16,
    access: Access,
    dialect: Dialect,
    scripts: Vec<Script>,
    remembers: bool,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            access: Access { token: Sandbox::TOKEN.to_owned(), is_required: true },
            dialect: Dialect::default(),
            scripts: Vec::new(),
            remembers: true,
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

    /// Answers chat calls by this script, whatever they say and whichever token they carry.
    ///
    /// Called several times it queues: the first call gets the first script, the second call the
    /// second, and the last script is repeated.
    pub fn on_chat(mut self, script: Script) -> Self {
        self.scripts.push(script);
        self
    }

    /// Whether requests are kept for [`Sandbox::requests`] (default: yes). A sandbox that runs
    /// for days, or under load, should not.
    pub fn remember_requests(mut self, remember: bool) -> Self {
        self.remembers = remember;
        self
    }

    /// Binds the port and begins to answer. Needs a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn start(self) -> io::Result<Sandbox> {
        let router = Router::new(self.access, self.dialect, self.scripts);
        Sandbox::listen(self.port, Server::new(router, self.remembers)).await
    }
}
