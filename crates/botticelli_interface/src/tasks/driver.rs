//! The methods of every driver of tasks.

use botticelli_core::CostEstimate;
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

    /// Returns the upper bound for the cost of a request, which has at most this many tokens. `None` is an unknown number of tokens: a
    /// request with media, or one whose response has tokens. Nothing is sent. The default is an unknown cost.
    fn estimate_task(&self, tokens: Option<u64>) -> CostEstimate {
        CostEstimate::unknown().with_tokens(tokens)
    }

    /// Returns whether the driver sets the [flag](botticelli_core::SentFlag) of a request before it sends anything, and asks its
    /// [gate](botticelli_core::RetryGate) before it repeats an attempt that may be billed. A budget then releases the reservation of a
    /// call that was dropped before it was sent.
    fn reports_task_sends(&self) -> bool {
        false
    }
}
