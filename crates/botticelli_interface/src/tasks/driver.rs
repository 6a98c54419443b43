//! The methods of every driver of tasks.

use std::fmt::Debug;

/// A driver of one or more tasks. The other traits of this module have the tasks.
pub trait TaskDriver: Debug + Send + Sync {
    /// Returns the name of the provider, as in [`BotticelliDriver::provider_name`](crate::BotticelliDriver::provider_name).
    fn provider_name(&self) -> &'static str;

    /// Returns the model of requests that name none.
    fn model_name(&self) -> &str;

    /// Returns the server that receives the requests, with its route, for the keys of caches. It contains no token. `None` if the
    /// driver does not know it: a cache then tells servers apart by the names of the provider and the model.
    fn canonical_server(&self) -> Option<Vec<u8>> {
        None
    }
}
