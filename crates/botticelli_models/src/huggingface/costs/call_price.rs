//! The price of one call.

use crate::huggingface::Catalog;
use crate::huggingface::costs::price_fetch::PriceFetch;
use crate::huggingface::costs::price_source::PriceSource;
use crate::huggingface::settings::DriverSettings;
use botticelli_core::{Cost, CostSource, GenerateResponse, Price, Usage};
use std::task::Context;

/// The known facts about the price of one call.
#[derive(Debug)]
pub(in crate::huggingface) enum CallPrice {
    Fixed(Price),
    Free,
    Unknown,
    // Boxed, so that other calls stay small.
    Catalog(Box<CatalogPrice>),
}

/// A price in the catalog.
#[derive(Debug)]
pub(in crate::huggingface) struct CatalogPrice {
    catalog: Catalog,
    /// Name in the catalog.
    model: String,
    /// The provider that the caller chose, for responses that name none.
    chosen_provider: Option<String>,
    /// The fetch of the catalog, until it ends.
    fetch: Option<Box<PriceFetch>>,
}

impl CallPrice {
    /// Returns the price of a call to `model`, as the caller names it.
    pub(in crate::huggingface) fn new(
        settings: &DriverSettings,
        model: &str,
        fetch: Option<Box<PriceFetch>>,
    ) -> Self {
        match settings.price_source {
            PriceSource::Fixed(price) => Self::Fixed(price),
            PriceSource::Free => Self::Free,
            PriceSource::Unknown => Self::Unknown,
            PriceSource::Catalog => Self::Catalog(Box::new(CatalogPrice {
                catalog: settings.catalog.clone(),
                model: settings.endpoint.catalog_name(model).to_owned(),
                chosen_provider: settings.chosen_provider(model).map(str::to_owned),
                fetch,
            })),
        }
    }

    /// Polls the fetch of the catalog, if it has not ended.
    pub(in crate::huggingface) fn poll(&mut self, cx: &mut Context<'_>) {
        if let Self::Catalog(price) = self
            && price.fetch.as_mut().is_some_and(|fetch| fetch.poll(cx))
        {
            price.fetch = None;
        }
    }

    /// Returns the cost of a response by `provider`. A cost that the service reported takes precedence, except for 0: services report it
    /// for streams that they bill.
    pub(in crate::huggingface) fn cost(&self, response: &GenerateResponse, provider: Option<&str>) -> Cost {
        let reported = response.cost();
        if reported.source() != CostSource::Unknown && reported.nano_dollars() != Some(0) {
            return reported;
        }
        match self {
            Self::Fixed(price) => cost(*price, response.usage()),
            Self::Free => Cost::free(),
            Self::Unknown => reported,
            Self::Catalog(price) => {
                price.find(provider).map_or(Cost::unknown(), |price| cost(price, response.usage()))
            }
        }
    }
}

impl CatalogPrice {
    fn find(&self, provider: Option<&str>) -> Option<Price> {
        self.catalog.price(&self.model, provider.or(self.chosen_provider.as_deref())?)
    }
}

fn cost(price: Price, usage: Option<&Usage>) -> Cost {
    if price == Price::default() {
        return Cost::free();
    }
    usage.map_or(Cost::unknown(), |usage| price.cost(usage))
}
