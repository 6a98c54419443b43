//! The settings of a driver.

use crate::huggingface::Dialect;
use crate::huggingface::catalog::catalog::Catalog;
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::client::stream_options::BareStreams;
use crate::huggingface::costs::price_fetch::{PriceFetch, UnfinishedFetch};
use crate::huggingface::costs::price_source::PriceSource;
use crate::huggingface::routing::endpoint::Endpoint;
use crate::huggingface::routing::fixed_provider::FixedProvider;
use crate::huggingface::routing::provider_route;
use crate::huggingface::routing::provider_selection::SelectionMode;
use crate::transport::{Deadline, Retrier};
use botticelli_core::{GenerationConfig, Timeouts};
use botticelli_error::BotticelliError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The identity of a driver in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) struct DriverId(u64);

impl DriverId {
    /// Returns an identity that no other driver has.
    pub(in crate::huggingface) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The settings of a driver, and the state that its calls share.
#[derive(Debug)]
pub(in crate::huggingface) struct DriverSettings {
    pub(in crate::huggingface) id: DriverId,
    pub(in crate::huggingface) model: Arc<str>,
    pub(in crate::huggingface) endpoint: Endpoint,
    /// The provider whose own route is used, if the user set one.
    pub(in crate::huggingface) fixed_provider: Option<FixedProvider>,
    pub(in crate::huggingface) catalog: Catalog,
    pub(in crate::huggingface) price_source: PriceSource,
    pub(in crate::huggingface) unfinished_fetch: UnfinishedFetch,
    pub(in crate::huggingface) selection_mode: SelectionMode,
    pub(in crate::huggingface) dialect: Dialect,
    pub(in crate::huggingface) generation: GenerationConfig,
    pub(in crate::huggingface) timeouts: Timeouts,
    pub(in crate::huggingface) retrier: Retrier,
    pub(in crate::huggingface) client: ApiClient,
    /// Servers that are known to refuse `stream_options`.
    pub(in crate::huggingface) bare_streams: BareStreams,
    /// Warnings that every response contains.
    pub(in crate::huggingface) warnings: Vec<String>,
}

impl DriverSettings {
    /// Returns whether the server is OpenAI's own.
    pub(in crate::huggingface) fn is_openai(&self) -> bool {
        let is_provider = self.fixed_provider.as_ref().is_some_and(|own| own.provider.name() == "openai");
        is_provider || self.endpoint.address().host() == "api.openai.com"
    }

    /// Rejects an invalid model name, and a name with a route on a server without routes.
    pub(in crate::huggingface) fn check_model(&self, model: &str) -> Result<(), BotticelliError> {
        match &self.fixed_provider {
            Some(_) => provider_route::check(model),
            None => self.endpoint.check(model),
        }
    }

    /// Returns the provider that serves `model`, if the caller chose one.
    pub(in crate::huggingface) fn chosen_provider<'a>(&'a self, model: &'a str) -> Option<&'a str> {
        match &self.fixed_provider {
            Some(fixed) => Some(fixed.provider.name()),
            None => self.endpoint.pinned_provider(model),
        }
    }

    /// Returns a fetch of the catalog that a call polls while it waits. `None` if the call needs no catalog, or if the catalog is fresh.
    pub(in crate::huggingface) fn price_fetch(&self) -> Option<Box<PriceFetch>> {
        match self.price_source {
            PriceSource::Catalog => self.unfinished_fetch.get(&self.catalog),
            PriceSource::Fixed(_) | PriceSource::Free | PriceSource::Unknown => None,
        }
    }

    /// Returns the deadline of a plain call that starts now.
    pub(in crate::huggingface) fn deadline(&self, timeouts: Option<Timeouts>) -> Deadline {
        Deadline::of_response(self.client.http.clock(), timeouts.unwrap_or(self.timeouts))
    }

    /// Returns the deadline of a streamed call that starts now.
    pub(in crate::huggingface) fn stream_deadline(&self, timeouts: Option<Timeouts>) -> Deadline {
        Deadline::of_stream(self.client.http.clock(), timeouts.unwrap_or(self.timeouts))
    }
}
