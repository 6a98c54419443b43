//! What a run has cost, and may still cost.

use crate::BotticelliDriver;
use botticelli_core::{Cost, GenerateRequest, GenerateResponse, ModelInfo};
use botticelli_error::{BotticelliError, LimitError, LimitErrorKind};

/// Counts only where there is a limit: without one, nobody is asked for a price.
pub(super) struct Spending {
    limit: Option<u64>,
    spent: u64,
    catalogue: Option<Catalogue>,
    /// The cost of an answer is not known, and why.
    unknown: Option<LimitError>,
}

/// What the catalogue said, once it was asked.
type Catalogue = Result<Option<ModelInfo>, BotticelliError>;

impl Spending {
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self { limit, spent: 0, catalogue: None, unknown: None }
    }

    /// Whether there is anything left to spend, as far as that is known without the next request.
    pub(super) fn check(&self) -> Result<(), BotticelliError> {
        if let Some(error) = &self.unknown {
            return Err(error.clone().into());
        }
        match self.limit {
            Some(limit) if self.spent >= limit => Err(self.over(limit, None)),
            _ => Ok(()),
        }
    }

    /// Whether `request` may be sent.
    pub(super) async fn permits<D: BotticelliDriver + ?Sized>(
        &self,
        driver: &D,
        request: &GenerateRequest,
    ) -> Result<(), BotticelliError> {
        let Some(limit) = self.limit else { return Ok(()) };
        match driver.estimate(request).await?.nano_dollars() {
            Some(next) if self.spent.saturating_add(next) > limit => Err(self.over(limit, Some(next))),
            None if self.spent >= limit => Err(self.over(limit, None)),
            _ => Ok(()),
        }
    }

    /// Counts an answer, and gives it back with its cost, if that can be found.
    pub(super) async fn count<D: BotticelliDriver + ?Sized>(
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
            self.unknown = Some(match &self.catalogue {
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
        if self.catalogue.is_none() {
            self.catalogue = Some(driver.model_info(model).await);
        }
        match &self.catalogue {
            Some(Ok(Some(info))) => info.cost(usage, response.provider()),
            _ => Cost::unknown(),
        }
    }

    fn over(&self, limit: u64, next: Option<u64>) -> BotticelliError {
        LimitError::new(LimitErrorKind::Cost { limit, spent: self.spent, next }).into()
    }
}
