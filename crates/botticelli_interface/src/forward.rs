//! Driver implementations for `Arc` and `Box`.

use crate::{BotticelliDriver, ChunkStream, CompletionDriver};
use async_trait::async_trait;
use botticelli_core::{CompletionRequest, CostEstimate, GenerateRequest, GenerateResponse, ModelInfo};
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
        }
    )*};
}

forward!(Arc, Box);
