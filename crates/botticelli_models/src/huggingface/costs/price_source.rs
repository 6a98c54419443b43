//! The source of a driver's prices.

use crate::huggingface::routing::endpoint::Endpoint;
use botticelli_core::Price;

/// The source of a driver's prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::huggingface) enum PriceSource {
    /// The price that the caller set.
    Fixed(Price),
    /// The catalog of the server.
    Catalog,
    /// The server is free: it runs on a private network, or is rented by the hour.
    Free,
    /// The price is unknown.
    Unknown,
}

impl PriceSource {
    /// Returns the source for a driver with these settings.
    pub(in crate::huggingface) fn new(
        endpoint: &Endpoint,
        price: Option<Price>,
        catalog_prices: Option<bool>,
    ) -> Self {
        let is_router = endpoint.address().is_router();
        let has_prices = endpoint.models().is_some() && catalog_prices.unwrap_or(is_router);
        match price {
            Some(price) => Self::Fixed(price),
            None if has_prices => Self::Catalog,
            None if endpoint.address().is_free() => Self::Free,
            None => Self::Unknown,
        }
    }
}
