//! The use of a cache.

use serde::{Deserialize, Serialize};

/// The use of a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CacheMode {
    /// Reads responses from the cache. Sends other requests, and stores their responses.
    #[default]
    On,
    /// Reads responses from the cache. Any other request is an error
    /// ([`NoResponse`](botticelli_error::StoreErrorKind::NoResponse)), and nothing is sent.
    Only,
    /// Sends every request, and replaces the stored response if the new one can be stored. Equal requests in flight still share one call.
    Refresh,
}
