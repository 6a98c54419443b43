//! The stores that a configuration names.

use botticelli_core::redact;
use botticelli_error::{BotticelliError, StoreError, StoreErrorKind};

/// The store that a configuration names. The variants depend on the features of the build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreAddress {
    /// `memory`.
    Memory,
    /// A Redis server: `redis://host:port`.
    #[cfg(feature = "redis")]
    Redis(String),
    /// `user`: a file in the user's data folder.
    #[cfg(feature = "sqlite")]
    User,
    /// The path of a file.
    #[cfg(feature = "sqlite")]
    Path(String),
}

impl StoreAddress {
    /// Parses the address of a `store`, such as `ledger`.
    ///
    /// # Errors
    ///
    /// An [address](StoreErrorKind::Address) error for an empty text, an unknown kind of address, and a kind whose feature is off.
    #[track_caller]
    pub(crate) fn parse(text: &str, store: &'static str) -> Result<Self, BotticelliError> {
        let text = text.trim();
        let refused = |reason: String| {
            let kind = StoreErrorKind::Address { reason };
            Err(StoreError::new(store, redact::address(text), kind).into())
        };
        match text {
            "" => refused("its name is empty".to_owned()),
            "memory" => Ok(Self::Memory),
            #[cfg(feature = "redis")]
            address if is_redis(address) => Ok(Self::Redis(address.to_owned())),
            #[cfg(not(feature = "redis"))]
            address if is_redis(address) => refused(format!("a {store} on Redis needs the feature `redis`")),
            address if address.contains("://") => refused("this kind of address is unknown".to_owned()),
            #[cfg(feature = "sqlite")]
            "user" => Ok(Self::User),
            #[cfg(feature = "sqlite")]
            path => Ok(Self::Path(path.to_owned())),
            #[cfg(not(feature = "sqlite"))]
            _ => refused(format!("a {store} in a file needs the feature `sqlite`")),
        }
    }
}

fn is_redis(address: &str) -> bool {
    address.starts_with("redis") && address.contains("://")
}
