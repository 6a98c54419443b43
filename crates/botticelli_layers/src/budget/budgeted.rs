//! A driver with a budget.

use super::limits::Budget;
use super::reservation::Reservation;
use super::rules::Rules;
use super::stream;
use crate::verb::{Chat, Request, Text, Verb};
use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, CostEstimate, GenerateRequest, GenerateResponse, ModelInfo, PricedRoute,
};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver};
use std::fmt::Debug;

/// A driver whose calls stay within a [`Budget`].
#[derive(Clone, Debug)]
pub struct Budgeted<D> {
    inner: D,
    rules: Rules,
}

impl<D> Budgeted<D> {
    /// Returns the driver `inner` with a budget.
    pub fn new(inner: D, budget: Budget) -> Self {
        Self { inner, rules: Rules::new(budget) }
    }

    /// Returns the inner driver.
    pub fn inner(&self) -> &D {
        &self.inner
    }

    /// Returns the budget.
    pub fn budget(&self) -> &Budget {
        &self.rules.budget
    }
}

impl<D: Debug + Send + Sync> Budgeted<D> {
    async fn call<V: Verb<D>>(&self, request: V::Request) -> Result<GenerateResponse, BotticelliError> {
        let reservation = Reservation::open::<V, D>(&self.rules, &self.inner, &request).await?;
        let gate = reservation.gate(request.retry_gate().cloned());
        match V::send(&self.inner, request.with_retry_gate(gate)).await {
            Ok(response) => Ok(match reservation.settle(&response).await {
                Some(warning) => response.with_warning(warning),
                None => response,
            }),
            Err(error) => {
                reservation.fail(&error).await;
                Err(error)
            }
        }
    }

    async fn call_stream<V: Verb<D>>(&self, request: V::Request) -> Result<ChunkStream, BotticelliError> {
        let reservation = Reservation::open::<V, D>(&self.rules, &self.inner, &request).await?;
        let gate = reservation.gate(request.retry_gate().cloned());
        match V::send_stream(&self.inner, request.with_retry_gate(gate)).await {
            Ok(chunks) => Ok(stream::settled(chunks, reservation)),
            Err(error) => {
                reservation.fail(&error).await;
                Err(error)
            }
        }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<D: BotticelliDriver> BotticelliDriver for Budgeted<D> {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        self.call::<Chat>(request).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        self.call_stream::<Chat>(request).await
    }

    fn provider_name(&self) -> &'static str {
        self.inner.provider_name()
    }

    fn model_name(&self) -> &str {
        self.inner.model_name()
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        self.inner.model_info(model).await
    }

    async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        self.inner.estimate(request).await
    }

    async fn cheaper_routes(
        &self,
        request: &GenerateRequest,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        self.inner.cheaper_routes(request, limit).await
    }

    fn canonical_request(&self, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        self.inner.canonical_request(request)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<D: CompletionDriver> CompletionDriver for Budgeted<D> {
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        self.call::<Text>(request).await
    }

    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        self.call_stream::<Text>(request).await
    }

    async fn estimate_completion(
        &self,
        request: &CompletionRequest,
    ) -> Result<CostEstimate, BotticelliError> {
        self.inner.estimate_completion(request).await
    }

    fn canonical_completion(&self, request: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        self.inner.canonical_completion(request)
    }
}
