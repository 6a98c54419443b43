//! Driver implementations for references, `Box` and `Arc`.

use super::{EmbeddingDriver, RerankDriver, SimilarityDriver, TaskDriver};
use botticelli_core::tasks::{
    EmbeddingRequest, EmbeddingResponse, RerankRequest, RerankResponse, SimilarityRequest, SimilarityResponse,
};
use botticelli_error::BotticelliError;
use futures::future::BoxFuture;
use std::sync::Arc;

macro_rules! forward_metadata {
    ($($pointer:ty),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<D: TaskDriver + ?Sized> TaskDriver for $pointer {
            fn provider_name(&self) -> &'static str {
                (**self).provider_name()
            }

            fn model_name(&self) -> &str {
                (**self).model_name()
            }
        }
    )*};
}

forward_metadata!(&D, Box<D>, Arc<D>);

// Calls return the future of the inner driver, as in `crate::forward`.
macro_rules! forward {
    ($driver:ident { $($call:ident($request:ty) -> $response:ty;)+ }) => {
        forward!(@pointer $driver, &D { $($call($request) -> $response;)+ });
        forward!(@pointer $driver, Box<D> { $($call($request) -> $response;)+ });
        forward!(@pointer $driver, Arc<D> { $($call($request) -> $response;)+ });
    };
    (@pointer $driver:ident, $pointer:ty { $($call:ident($request:ty) -> $response:ty;)+ }) => {
        #[deny(clippy::missing_trait_methods)]
        impl<D: $driver + ?Sized> $driver for $pointer {
            $(
                fn $call<'a, 'b>(&'a self, request: $request) -> BoxFuture<'b, Result<$response, BotticelliError>>
                where
                    'a: 'b,
                    Self: 'b,
                {
                    (**self).$call(request)
                }
            )+
        }
    };
}

forward!(EmbeddingDriver { embed(EmbeddingRequest) -> EmbeddingResponse; });
forward!(SimilarityDriver { similarity(SimilarityRequest) -> SimilarityResponse; });
forward!(RerankDriver { rerank(RerankRequest) -> RerankResponse; });
