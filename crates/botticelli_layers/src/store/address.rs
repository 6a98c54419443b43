//! The stores that a configuration names.

use botticelli_core::redact;
use botticelli_error::{BotticelliError, StoreError, StoreErrorKind};

/// Advice about the places that this build knows.
const PLACES: &str = match (cfg!(feature = "sqlite"), cfg!(feature = "redis")) {
    (true, true) => "Write `memory`, `user`, a path, or an address such as `redis://127.0.0.1:6379`.",
    (true, false) => "Write `memory`, `user` or a path.",
    (false, true) => "Write `memory`, or an address such as `redis://127.0.0.1:6379`.",
    (false, false) => "Write `memory`.",
};

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
        let error = |reason: String| {
            StoreError::new(store, redact::address(text), StoreErrorKind::Address { reason })
        };
        let refused = |reason: String| Err(error(reason).with_advice(PLACES).into());
        #[cfg(not(all(feature = "redis", feature = "sqlite")))]
        let needs = |place: &str, feature: &str| {
            let reason = format!("a {store} {place} needs the feature `{feature}`");
            Err(error(reason).with_advice(format!("Enable the feature `{feature}`. {PLACES}")).into())
        };
        match text {
            "" => refused("its name is empty".to_owned()),
            "memory" => Ok(Self::Memory),
            #[cfg(feature = "redis")]
            address if is_redis(address) => Ok(Self::Redis(address.to_owned())),
            #[cfg(not(feature = "redis"))]
            address if is_redis(address) => needs("on Redis", "redis"),
            address if address.contains("://") => refused("this kind of address is unknown".to_owned()),
            #[cfg(feature = "sqlite")]
            "user" => Ok(Self::User),
            #[cfg(feature = "sqlite")]
            path => Ok(Self::Path(path.to_owned())),
            #[cfg(not(feature = "sqlite"))]
            _ => needs("in a file", "sqlite"),
        }
    }
}

fn is_redis(address: &str) -> bool {
    address.starts_with("redis") && address.contains("://")
}
