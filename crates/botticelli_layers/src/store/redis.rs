//! Redis servers for ledgers, caches and rate limits.

use botticelli_core::redact;
use botticelli_error::{BotticelliError, StoreError, StoreErrorKind};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Handle, Id};

/// Longest wait for a connection, and for the reply to a script.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Advice for a server that does not answer.
const UNREACHABLE: &str = "Start the server, or check its address.";

/// Advice for data that this library did not write.
const DAMAGED: &str = "Use another database of the server, or remove its keys `botticelli:*`.";

/// Maximum number of runtimes whose connections are kept.
const MAX_RUNTIMES: usize = 64;

/// A Redis server. Clones share its connections.
///
/// Each runtime has its own connection, because the task that drives it ends with its runtime.
#[derive(Clone)]
pub(crate) struct RedisServer {
    /// The name of the store in errors, such as `cache`.
    store: &'static str,
    /// The address without user name and password.
    place: Arc<str>,
    client: Client,
    connections: Arc<Mutex<HashMap<Id, ConnectionManager>>>,
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisServer").field("place", &self.place).finish_non_exhaustive()
    }
}

impl RedisServer {
    /// Returns the server at an address, such as `redis://127.0.0.1:6379/0`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// An [address](StoreErrorKind::Address) error if the address is not valid.
    #[track_caller]
    pub(crate) fn new(address: &str, store: &'static str) -> Result<Self, BotticelliError> {
        let place = redact::address(address);
        let refused = |reason: String| {
            let advice = "Write an address such as `redis://127.0.0.1:6379`.";
            let error = StoreError::new(store, &*place, StoreErrorKind::Address { reason });
            BotticelliError::from(error.with_advice(advice))
        };
        if address.starts_with("rediss://") {
            return Err(refused("TLS to Redis is not supported: use a tunnel".to_owned()));
        }
        // The error of the client may repeat the password, so it is left out.
        let client =
            Client::open(address).map_err(|_| refused("it is not an address of Redis".to_owned()))?;
        Ok(Self { store, place: place.into(), client, connections: Arc::default() })
    }

    /// Returns the address without user name and password.
    #[cfg(feature = "cache")]
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Runs a script atomically.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[String],
    ) -> Result<T, BotticelliError> {
        let mut connection = self.connection()?;
        let mut call = script.prepare_invoke();
        for key in keys {
            call.key(key);
        }
        for argument in arguments {
            call.arg(argument);
        }
        call.invoke_async(&mut connection).await.map_err(|error| self.error(error))
    }

    fn connection(&self) -> Result<ConnectionManager, BotticelliError> {
        let runtime = Handle::try_current().map_err(|_| {
            let kind = StoreErrorKind::Failed { reason: "it needs a tokio runtime".to_owned() };
            BotticelliError::from(self.failure(kind, "Make the call within a tokio runtime."))
        })?;
        let runtime = runtime.id();
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = connections.get(&runtime) {
            return Ok(connection.clone());
        }
        if connections.len() >= MAX_RUNTIMES {
            connections.clear();
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_lazy_with_config(self.client.clone(), config)
            .map_err(|error| self.error(error))?;
        connections.insert(runtime, connection.clone());
        Ok(connection)
    }

    /// Returns the error of a server that does not answer.
    #[cfg(feature = "cache")]
    pub(crate) fn unreachable(&self) -> BotticelliError {
        self.failure(StoreErrorKind::Unreachable, UNREACHABLE).into()
    }

    /// Returns the error of data that this library did not write.
    #[cfg(feature = "budget")]
    pub(crate) fn damaged(&self) -> BotticelliError {
        self.failure(StoreErrorKind::Damaged, DAMAGED).into()
    }

    /// Returns an error with the advice for a server.
    pub(crate) fn failure(&self, kind: StoreErrorKind, advice: &str) -> StoreError {
        StoreError::new(self.store, &*self.place, kind).with_advice(advice)
    }

    fn error(&self, error: RedisError) -> BotticelliError {
        let failed = |reason: &str| StoreErrorKind::Failed { reason: reason.to_owned() };
        let (kind, advice) = match error.kind() {
            ErrorKind::Io => (StoreErrorKind::Unreachable, UNREACHABLE),
            ErrorKind::AuthenticationFailed => {
                (failed("the user name or the password is wrong"), "Check both in its address.")
            }
            ErrorKind::Server(ServerErrorKind::ReadOnly) => (
                StoreErrorKind::ReadOnly,
                "Give the address of the primary server, or make this one writable.",
            ),
            ErrorKind::Server(ServerErrorKind::BusyLoading) => {
                (failed("the server is starting"), "Try again in a moment.")
            }
            ErrorKind::Server(ServerErrorKind::NoPerm) => (
                failed("the user may not run scripts"),
                "Allow the user the commands of scripts and the keys `botticelli:*`.",
            ),
            ErrorKind::Server(
                ServerErrorKind::CrossSlot
                | ServerErrorKind::Moved
                | ServerErrorKind::Ask
                | ServerErrorKind::ClusterDown,
            ) => (
                failed("it is a node of a cluster, and a script needs all of its keys on one server"),
                "Use a server that is not in a cluster.",
            ),
            _ if error.code() == Some("MISCONF") => (
                failed("the server cannot save its data, and refuses changes"),
                "Free its disk, and look at its log.",
            ),
            _ if error.code() == Some("OOM") => {
                (StoreErrorKind::Full, "Raise `maxmemory` of the server, or remove other keys.")
            }
            _ if error.code() == Some("NOAUTH") => (
                failed("the server needs a password"),
                "Add the password to its address: redis://:password@host:port.",
            ),
            ErrorKind::UnexpectedReturnType | ErrorKind::Parse => (StoreErrorKind::Damaged, DAMAGED),
            _ => (
                failed("the server refused a script"),
                "Use Redis 5 or later, and a database whose keys `botticelli:*` belong to this library alone.",
            ),
        };
        self.failure(kind, advice).with_source(error).into()
    }
}

/// Returns whether a server did not answer.
#[cfg(any(feature = "budget", feature = "cache"))]
pub(crate) fn is_unreachable(error: &BotticelliError) -> bool {
    matches!(error.kind(), botticelli_error::BotticelliErrorKind::Store(store) if *store.kind() == StoreErrorKind::Unreachable)
}
