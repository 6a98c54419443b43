//! The settings of a driver of tasks.

use crate::huggingface::catalog::provider_mapping::ProviderMappings;
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::routing::address::Address;
use crate::huggingface::routing::provider_route::ProviderRoute;
use crate::transport::{Deadline, Retrier};
use botticelli_core::{Cost, CostEstimate, Price, Timeouts, Usage};

/// The settings of a driver of tasks, and the state that its calls share.
#[derive(Debug)]
pub(super) struct TaskSettings {
    pub(super) model: String,
    /// The router, the provider, or the server.
    pub(super) address: Address,
    /// The provider that the user set.
    pub(super) provider: Option<ProviderRoute>,
    /// The providers of models, from the Hub.
    pub(super) mappings: ProviderMappings,
    pub(super) client: ApiClient,
    pub(super) retrier: Retrier,
    pub(super) timeouts: Timeouts,
    /// The price that the user set.
    pub(super) price: Option<Price>,
    /// Warnings that every response contains.
    pub(super) warnings: Vec<String>,
}

impl TaskSettings {
    /// Returns the deadline of a call that starts now.
    pub(super) fn deadline(&self, timeouts: Option<Timeouts>) -> Deadline {
        Deadline::of_response(self.client.http.clock(), timeouts.unwrap_or(self.timeouts))
    }

    /// Returns the upper bound for the cost of a request with at most this many tokens.
    pub(super) fn estimate(&self, tokens: Option<u64>) -> CostEstimate {
        let usage = tokens.map(|tokens| Usage::new(Some(tokens), Some(0), Some(tokens)));
        // Without a bound in tokens, only a price of 0 has a cost.
        let is_free = self.cost(None).nano_dollars() == Some(0);
        let most =
            if is_free { Some(0) } else { usage.and_then(|usage| self.cost(Some(&usage)).nano_dollars()) };
        most.map_or(CostEstimate::unknown(), CostEstimate::at_most).with_tokens(tokens)
    }

    /// Returns the cost of a response. Without a price, the cost is unknown, except on a free server.
    pub(super) fn cost(&self, usage: Option<&Usage>) -> Cost {
        match (self.price, usage) {
            (Some(price), _) if price == Price::default() => Cost::free(),
            (Some(price), Some(usage)) => {
                // A task has no completion tokens.
                let completion = usage.completion_tokens().or(Some(0));
                price.cost(&Usage::new(usage.prompt_tokens(), completion, usage.total_tokens()))
            }
            (None, _) if self.address.is_free() => Cost::free(),
            _ => Cost::unknown(),
        }
    }
}
