//! What a run has cost, and may still cost.

use crate::BotticelliDriver;
use botticelli_core::{Cost, GenerateRequest, GenerateResponse, ModelInfo};
use botticelli_error::{BotticelliError, LimitError, LimitErrorKind};

/// Counts only where there is a limit: without one, nobody is asked for a price.
pub(super) struct CostTracker {
    limit: Option<u64>,
    spent: u64,
    catalog: Option<CatalogEntry>,
    /// The cost of an answer is not known, and why.
    unknown: Option<LimitError>,
}

/// What the catalogue said, once it was asked.
type CatalogEntry = Result<Option<ModelInfo>, BotticelliError>;

impl CostTracker {
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self { limit, spent: 0, catalog: None, unknown: None }
    }

    /// Whether there is anything left to spend, as far as that is known without the next request.
    pub(super) fn check(&self) -> Result<(), BotticelliError> {
        if let Some(error) = &self.unknown {
            return Err(error.clone().into());
        }
        match self.limit {
            Some(limit) if self.spent >= limit => Err(self.limit_error(limit, None)),
            _ => Ok(()),
        }
    }

    /// Whether `request` may be sent.
    pub(super) async fn check_next<D: BotticelliDriver + ?Sized>(
        &self,
        driver: &D,
        request: &GenerateRequest,
    ) -> Result<(), BotticelliError> {
        let Some(limit) = self.limit else { return Ok(()) };
        match driver.estimate(request).await?.nano_dollars() {
            Some(next) if self.spent.saturating_add(next) > limit => Err(self.limit_error(limit, Some(next))),
            None if self.spent >= limit => Err(self.limit_error(limit, None)),
            _ => Ok(()),
        }
    }

    /// Counts an answer, and gives it back with its cost, if that can be found.
    pub(super) async fn add<D: BotticelliDriver + ?Sized>(
        &mut self,
        driver: &D,
        model: &str,
        mut response: GenerateResponse,
    ) -> GenerateResponse {
        let Some(limit) = self.limit else { return response };
        if response.cost().nano_dollars().is_none() {
            let priced = self.price(driver, model, &response).await;
            response = response.with_cost(priced);
        }
        if let Some(cost) = response.cost().nano_dollars() {
            self.spent = self.spent.saturating_add(cost);
        } else {
            let error = LimitError::new(LimitErrorKind::UnknownCost { limit });
            self.unknown = Some(match &self.catalog {
                Some(Err(source)) => error.with_source(source.clone()),
                _ => error,
            });
        }
        response
    }

    async fn price<D: BotticelliDriver + ?Sized>(
        &mut self,
        driver: &D,
        model: &str,
        response: &GenerateResponse,
    ) -> Cost {
        let Some(usage) = response.usage() else { return Cost::unknown() };
        if self.catalog.is_none() {
            self.catalog = Some(driver.model_info(model).await);
        }
        match &self.catalog {
            Some(Ok(Some(info))) => info.cost(usage, response.provider()),
            _ => Cost::unknown(),
        }
    }

    fn limit_error(&self, limit: u64, next: Option<u64>) -> BotticelliError {
        LimitError::new(LimitErrorKind::Cost { limit, spent: self.spent, next }).into()
    }
}
