//! Driver implementations for `Arc` and `Box`.

use crate::{BotticelliDriver, ChunkStream, CompletionDriver};
use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, CostEstimate, GenerateRequest, GenerateResponse, ModelInfo, PricedRoute,
};
use botticelli_error::BotticelliError;
use std::sync::Arc;

// Without the lint, a new method with a default could be missing here, and hide the method of the inner driver.
macro_rules! forward {
    ($($pointer:ident),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        #[async_trait]
        impl<D: BotticelliDriver + ?Sized> BotticelliDriver for $pointer<D> {
            async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
                (**self).generate(request).await
            }

            async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
                (**self).generate_stream(request).await
            }

            fn provider_name(&self) -> &'static str {
                (**self).provider_name()
            }

            fn model_name(&self) -> &str {
                (**self).model_name()
            }

            async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
                (**self).model_info(model).await
            }

            async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
                (**self).estimate(request).await
            }

            async fn cheaper_routes(
                &self,
                request: &GenerateRequest,
                limit: u64,
            ) -> Result<Vec<PricedRoute>, BotticelliError> {
                (**self).cheaper_routes(request, limit).await
            }

            fn canonical_request(&self, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
                (**self).canonical_request(request)
            }

            fn reports_sends(&self) -> bool {
                (**self).reports_sends()
            }
        }

        #[deny(clippy::missing_trait_methods)]
        #[async_trait]
        impl<D: CompletionDriver + ?Sized> CompletionDriver for $pointer<D> {
            async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
                (**self).complete(request).await
            }

            async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
                (**self).complete_stream(request).await
            }

            async fn estimate_completion(
                &self,
                request: &CompletionRequest,
            ) -> Result<CostEstimate, BotticelliError> {
                (**self).estimate_completion(request).await
            }

            fn canonical_completion(
                &self,
                request: &CompletionRequest,
            ) -> Result<Option<Vec<u8>>, BotticelliError> {
                (**self).canonical_completion(request)
            }

            fn reports_completion_sends(&self) -> bool {
                (**self).reports_completion_sends()
            }
        }
    )*};
}

forward!(Arc, Box);
