//! Driver implementations for `Arc` and `Box`.

use crate::{BotticelliDriver, ChunkStream, CompletionDriver};
use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo,
    PricedRoute,
};
use botticelli_error::BotticelliError;
use futures::future::BoxFuture;
use std::sync::Arc;

// Calls return the future of the inner driver. An `async fn` would put it into a second box, with a second copy of the request.
// Without the lint, a new method with a default could be missing here, and hide the method of the inner driver.
macro_rules! forward {
    ($($pointer:ident),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        #[async_trait]
        impl<D: BotticelliDriver + ?Sized> BotticelliDriver for $pointer<D> {
            fn generate<'a, 'b>(&'a self, request: GenerateRequest) -> BoxFuture<'b, Result<GenerateResponse, BotticelliError>>
            where
                'a: 'b,
                Self: 'b,
            {
                (**self).generate(request)
            }

            fn generate_stream<'a, 'b>(&'a self, request: GenerateRequest) -> BoxFuture<'b, Result<ChunkStream, BotticelliError>>
            where
                'a: 'b,
                Self: 'b,
            {
                (**self).generate_stream(request)
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

            fn estimate<'a, 'b, 'c>(&'a self, request: &'b GenerateRequest) -> BoxFuture<'c, Result<CostEstimate, BotticelliError>>
            where
                'a: 'c,
                'b: 'c,
                Self: 'c,
            {
                (**self).estimate(request)
            }

            async fn cheaper_routes(
                &self,
                request: &GenerateRequest,
                limit: u64,
            ) -> Result<Vec<PricedRoute>, BotticelliError> {
                (**self).cheaper_routes(request, limit).await
            }

            fn generation_defaults(&self) -> GenerationConfig {
                (**self).generation_defaults()
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
            fn complete<'a, 'b>(&'a self, request: CompletionRequest) -> BoxFuture<'b, Result<GenerateResponse, BotticelliError>>
            where
                'a: 'b,
                Self: 'b,
            {
                (**self).complete(request)
            }

            fn complete_stream<'a, 'b>(&'a self, request: CompletionRequest) -> BoxFuture<'b, Result<ChunkStream, BotticelliError>>
            where
                'a: 'b,
                Self: 'b,
            {
                (**self).complete_stream(request)
            }

            fn estimate_completion<'a, 'b, 'c>(
                &'a self,
                request: &'b CompletionRequest,
            ) -> BoxFuture<'c, Result<CostEstimate, BotticelliError>>
            where
                'a: 'c,
                'b: 'c,
                Self: 'c,
            {
                (**self).estimate_completion(request)
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
