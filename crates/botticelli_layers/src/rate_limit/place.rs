//! The place of a limit that machines share.

#[cfg(feature = "redis")]
use crate::store::redis::RedisServer;
#[cfg(feature = "redis")]
use botticelli_error::BotticelliError;
#[cfg(feature = "redis")]
use std::sync::Arc;

/// The name of the store in errors.
pub(super) const RATE_LIMIT: &str = "rate limit";

/// The server of a limit, and the name of the limit there.
#[cfg(feature = "redis")]
#[derive(Clone, Debug)]
pub(super) struct SharedPlace {
    pub(super) server: RedisServer,
    pub(super) name: Arc<str>,
}

#[cfg(feature = "redis")]
impl SharedPlace {
    #[track_caller]
    pub(super) fn new(address: &str, name: &str) -> Result<Self, BotticelliError> {
        Ok(Self { server: RedisServer::new(address, RATE_LIMIT)?, name: name.into() })
    }
}

/// The place of a limit in a build without Redis, which never exists.
#[cfg(not(feature = "redis"))]
#[derive(Clone, Debug)]
pub(super) enum SharedPlace {}
